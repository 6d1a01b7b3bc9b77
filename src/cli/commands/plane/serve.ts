import { resolve } from "node:path";
import { parseNumber, usageError } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { version } from "../../../../package.json";

export interface ServeRequest {
  readonly host: string;
  readonly port: number;
  readonly data: string;
}

const PORT = 8737;
const PORT_MAX = 65_535;

export const serveCommand: Command<ServeRequest> = {
  usage: ["[--port PORT] [--host HOST] [--data DIR]"],
  options: {
    port: {
      type: "string",
      value: "PORT",
      summary: `listen here (default ${PORT}; 0: a free one)`,
    },
    host: { type: "string", value: "HOST", summary: "listen on this address (default 127.0.0.1)" },
    data: { type: "string", value: "DIR", summary: "keep the data here (default immuconfig-data)" },
  },
  takesFiles: true,
  examples: [
    "bun-config serve                               # then open the address that it prints",
    "bun-config serve --port 8080 --data /var/lib/immuconfig",
    "DATABASE_URL=postgres://… bun-config serve     # PostgreSQL in place of SQLite",
  ],
  parse(args) {
    args.exactly([]);
    const port = parseNumber(args.value("port") ?? String(PORT), "port");
    if (port > PORT_MAX) throw usageError(`a port is at most ${PORT_MAX}`);
    const host = args.value("host") ?? "127.0.0.1";
    return { host, port, data: args.value("data") ?? "immuconfig-data" };
  },
  async run({ cwd, env, out, now }, { host, port, data }) {
    const { startServer } = await import("../../../api/server.ts");
    const { createLog } = await import("../../../api/log.ts");
    const databaseUrl = env["DATABASE_URL"];
    const folder = resolve(cwd, data);
    const server = await startServer({
      hostname: host,
      port,
      data: folder,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      version,
      now: () => now().getTime(),
      log: createLog((line) => process.stdout.write(line)),
    });
    out.note(`The control plane is at ${server.url.href}`);
    if (server.adminToken !== undefined) {
      out.note(
        `The first token, shown this once: ${server.adminToken}\n` +
          "It may do everything. Sign in with it, and give others tokens of their own.",
      );
    }
    await stopSignal();
    await server.stop();
  },
};

/** Resolves when the process is asked to stop. A second signal ends it at once. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
}
