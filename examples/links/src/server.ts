import { config } from "immuconfig";
import { LinkStore } from "./link_store.ts";
import { handle } from "./routes.ts";

const store = new LinkStore();
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 0),
  routes: {
    "/config": () =>
      Response.json({
        record: config.record,
        registry: config.registry.url,
        features: config.features,
      }),
  },
  fetch: (request) => handle(request, store),
});

process.on("SIGTERM", () => void server.stop(true).then(() => process.exit(0)));
console.log(`links on ${server.url.href} with record ${config.record}`);
