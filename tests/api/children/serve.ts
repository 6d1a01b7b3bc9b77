/** A server of its own process: `serve.ts DATA [PORT [DATABASE_URL]]`. Prints its address, and the first token. */

import { createLog } from "../../../src/api/log.ts";
import { startServer } from "../../../src/api/server.ts";

const [, , data = "", port = "0", databaseUrl] = process.argv;
const { url, adminToken } = await startServer({
  data,
  hostname: "127.0.0.1",
  port: Number(port),
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
  version: "0.0.0",
  now: Date.now,
  log: createLog(() => undefined),
});
console.log(JSON.stringify({ url: url.href, adminToken }));
