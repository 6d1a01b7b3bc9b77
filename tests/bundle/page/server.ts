// Serves the page on a free port, and says which. `production` is the first argument, or not.
import page from "./index.html";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  development: process.argv[2] !== "production",
  routes: { "/": page },
});
console.log(server.url.href);
