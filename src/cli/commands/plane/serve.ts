import { resolve } from "node:path";
import { parseNumber, usageError } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { version } from "../../../../package.json";

export interface ServeRequest {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly newAdmin: boolean;
}

const PORT = 8737;
const PORT_MAX = 65_535;

export const serveCommand: Command<ServeRequest> = {
  usage: ["[--port PORT] [--host HOST] [--data DIR] [--new-admin]"],
  options: {
    port: {
      type: "string",
      value: "PORT",
      summary: `listen here (default ${PORT}; 0: a free one)`,
    },
    host: { type: "string", value: "HOST", summary: "listen on this address (default 127.0.0.1)" },
    data: { type: "string", value: "DIR", summary: "keep the data here (default immuconfig-data)" },
    "new-admin": {
      type: "boolean",
      summary: "print a first token again: for those who have lost every passkey",
    },
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
    return {
      host,
      port,
      data: args.value("data") ?? "immuconfig-data",
      newAdmin: args.has("new-admin"),
    };
  },
  async run({ cwd, env, out, now }, { host, port, data, newAdmin }) {
    const { startServer } = await import("../../../api/server.ts");
    const { createLog } = await import("../../../api/log.ts");
    const databaseUrl = env["DATABASE_URL"];
    const folder = resolve(cwd, data);
    const server = await startServer({
      hostname: host,
      port,
      data: folder,
      newAdmin,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      version,
      now: () => now().getTime(),
      log: createLog((line) => process.stdout.write(line)),
    });
    out.note(`The control plane is at ${addressOf(server.url)}`);
    if (server.adminToken !== undefined) {
      out.note(
        `The first token, shown this once: ${server.adminToken}\n` +
          "It may do everything, until an administrator has a passkey. Sign in with it, and add yourself.",
      );
    }
    await stopSignal();
    await server.stop();
  },
};

/** Passkeys need a name, and this machine has one. */
function addressOf(url: URL): string {
  const named = new URL(url);
  if (named.hostname === "127.0.0.1") named.hostname = "localhost";
  return named.href;
}

/** Resolves when the process is asked to stop. A second signal ends it at once. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
}
