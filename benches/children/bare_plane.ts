// The floor of benches/plane: bare_plane.ts RECORD FLAGS. Answers the bytes of two files, with the headers
// that say what they are, and does nothing else; at /flags/read it also looks at all of a request that nobody can
// answer it without: who asks, from where, what they have, how long the body is, whether it is JSON. Prints its address.
import { readFileSync } from "node:fs";

const [record = "", flags = ""] = process.argv.slice(2).map((path) => readFileSync(path));
const BODY_SIZE_MAX = 65_536;
const etag = '"0123456789012345678901"';
const answerFlags = (): Response =>
  new Response(flags, { headers: { etag, "content-type": "application/json" } });
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/record": () =>
      new Response(record, { headers: { etag, "content-type": "application/octet-stream" } }),
    "/flags": async (request) => {
      await request.text();
      return answerFlags();
    },
    "/flags/read": async (request) => {
      const { headers } = request;
      const isLong = Number(headers.get("content-length")) > BODY_SIZE_MAX;
      const isForeign = headers.get("x-forwarded-for") !== null || headers.has("origin");
      const isKnown = headers.get("if-none-match") === etag;
      const isNobody = headers.get("authorization") === null;
      const body: unknown = JSON.parse(await request.text());
      if (isLong || isForeign || isKnown || isNobody || typeof body !== "object") {
        return new Response(null, { status: 400 });
      }
      return answerFlags();
    },
  },
});
console.error(`at ${server.url.href}`);
