// The floor of benches/plane: bare_plane.ts RECORD FLAGS. Answers the bytes of two files, with the headers
// that say what they are, and does nothing else. Prints its address.
import { readFileSync } from "node:fs";

const [record = "", flags = ""] = process.argv.slice(2).map((path) => readFileSync(path));
const etag = '"0123456789012345678901"';
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/record": () =>
      new Response(record, { headers: { etag, "content-type": "application/octet-stream" } }),
    "/flags": async (request) => {
      await request.text();
      return new Response(flags, { headers: { etag, "content-type": "application/json" } });
    },
  },
});
console.error(`at ${server.url.href}`);
