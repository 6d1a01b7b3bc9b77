import { askedToStop } from "../../../base/asked_to_stop.ts";
import { requireBunFor } from "../../../base/bun_only.ts";
import { once } from "node:events";
import { resolve } from "node:path";
import type { Command } from "../../command.ts";
import { version } from "../../../../package.json";
import { DEFAULT_DATA, DEFAULT_PORT } from "../../../api/defaults.ts";
import { type OidcWishes, oidcSettings } from "../../../api/auth/oidc_settings.ts";
import { greeting } from "../../../api/greeting.ts";
import { type NatsWishes, natsSettings } from "../../../fleet/nats_settings.ts";
import { OIDC_OPTIONS, parseOidc } from "./oidc_options.ts";
import { listenOptions, type ListenRequest, parseListen } from "./listen_options.ts";
import { NATS_OPTIONS, parseNats } from "./nats_options.ts";

export interface ServeRequest extends ListenRequest {
  readonly data: string;
  readonly newAdmin: boolean;
  readonly healthOrigins: readonly string[];
  readonly nats: NatsWishes;
  readonly oidc: OidcWishes;
  readonly newOnlineKey: boolean;
}

export const serveCommand: Command<ServeRequest> = {
  usage: [
    "[--port PORT] [--host HOST] [--data DIR] [--new-admin] [--new-online-key] [--health-origin ORIGIN]…",
    "--nats URL… [--nats-ca FILE] [--nats-creds FILE] [--nats-org NAME] [--nats-domain NAME]",
    "--oidc-issuer URL --oidc-client-id ID --oidc-origin ORIGIN [--oidc-secret-file FILE]",
  ],
  options: {
    ...listenOptions(DEFAULT_PORT),
    data: { value: "DIR", summary: `keep the data here (default ${DEFAULT_DATA})` },
    "health-origin": {
      multiple: true,
      value: "ORIGIN",
      summary: "rollouts may ask addresses here whether all is well: https://health.example.test",
    },
    "new-admin": { summary: "print a first token again: for those who have lost every passkey" },
    "new-online-key": {
      summary: "sign sets by another key, where online.key is lost or was taken away",
    },
    ...NATS_OPTIONS,
    ...OIDC_OPTIONS,
  },
  takesFiles: true,
  examples: [
    "bun-config serve                               # then open the address that it prints",
    "bun-config serve --port 8080 --data /var/lib/immuconfig",
    "DATABASE_URL=postgres://… bun-config serve     # PostgreSQL in place of SQLite",
    "bun-config serve --nats tls://nats.example.test:4222 --nats-creds plane.creds   # tell a fleet",
    "bun-config serve --oidc-issuer https://id.example.test --oidc-client-id flags --oidc-origin https://flags.example.test --oidc-secret-file client.secret",
  ],
  parse(args) {
    args.exactly([]);
    return {
      ...parseListen(args, DEFAULT_PORT),
      data: args.value("data") ?? DEFAULT_DATA,
      newAdmin: args.has("new-admin"),
      healthOrigins: args.values("health-origin"),
      newOnlineKey: args.has("new-online-key"),
      nats: parseNats(args),
      oidc: parseOidc(args),
    };
  },
  async run({ cwd, env, out, now }, request) {
    const { host, port, data, newAdmin, healthOrigins, newOnlineKey, nats: wishes } = request;
    requireBunFor("the control plane");
    const { startServer } = await import("../../../api/server.ts");
    const { createLog, logLevel } = await import("../../../api/log.ts");
    const databaseUrl = env["DATABASE_URL"];
    const nats = natsSettings(wishes, env);
    const oidc = oidcSettings(request.oidc, env, cwd);
    const folder = resolve(cwd, data);
    const server = await startServer({
      hostname: host,
      port,
      data: folder,
      newAdmin,
      healthOrigins,
      newOnlineKey,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(nats === undefined ? {} : { nats }),
      ...(oidc === undefined ? {} : { oidc }),
      version,
      now: () => now().getTime(),
      log: createLog((line) => process.stdout.write(line), logLevel(env["LOG_LEVEL"])),
    });
    // Before it says that it runs: who hears that may ask it to stop.
    const stop = once(askedToStop(), "abort");
    for (const line of greeting(server.url, server.adminToken)) out.note(line);
    await stop;
    await server.stop();
  },
};
