/** A server of its own process: `serve.ts DATA`. Prints its address, and the first token. */

import { createLog } from "../../../src/api/log.ts";
import { startServer } from "../../../src/api/server.ts";

const [, , data = ""] = process.argv;
const { url, adminToken } = await startServer({
  data,
  hostname: "127.0.0.1",
  port: 0,
  version: "0.0.0",
  now: Date.now,
  log: createLog(() => undefined),
});
console.log(JSON.stringify({ url: url.href, adminToken }));
