// Builds App.vue of the working folder with the built adapter, in the runtime that runs this.
import { join } from "node:path";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";

const [adapter, file] = process.argv.slice(2);
const { immuconfig } = await import(adapter);
const root = process.cwd();
const { output } = await build({
  root,
  configFile: false,
  logLevel: "silent",
  plugins: [vue(), immuconfig({ file })],
  build: {
    write: false,
    rolldownOptions: { input: join(root, "main.js"), external: /^vue$/ },
  },
});
console.log(output.map(({ code }) => code).join("\n"));
