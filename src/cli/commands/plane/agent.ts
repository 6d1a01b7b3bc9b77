import { hostname } from "node:os";
import { Agent, type AgentEvent } from "../../../agent/agent.ts";
import { KeptSet } from "../../../agent/kept_set.ts";
import { askedToStop } from "../../../base/asked_to_stop.ts";
import { dayOf } from "../../../base/units.ts";
import { stateFolder } from "../../../base/user_folders.ts";
import { quote } from "../../../base/text.ts";
import type { File } from "../../../format/file.ts";
import { replaceOverrides } from "../../../live/writer.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { requireHome } from "../../../trust/owned_file.ts";
import { readPublicKey } from "../../../trust/keys/public_key.ts";
import { currentKeys } from "../../../trust/trust_policy.ts";
import { placePolicy, readConfigFile } from "../../../trust/verified.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";
import { ADDRESS_OPTIONS, parseAddress, planePlace } from "./address.ts";
import { NATS_OPTIONS, parseNats } from "./nats_options.ts";
import { openTransport, type TransportRequest } from "./transport.ts";

export interface AgentRequest extends TransportRequest {
  /** Raw keys that the command line trusts for switching flags. */
  readonly keys: readonly Uint8Array[];
  readonly host: string | undefined;
}

const HOST = /^[\w.:-]{1,253}$/;

export const agentCommand: Command<AgentRequest> = {
  usage: [
    "[--server URL] [--project NAME] [--env NAME] [--host NAME] [--online-key KEY]…",
    "--nats URL… [--nats-ca FILE] [--nats-creds FILE] [--nats-org NAME] [--nats-domain NAME]",
  ],
  takesFiles: true,
  options: {
    ...ADDRESS_OPTIONS,
    ...NATS_OPTIONS,
    host: {
      value: "NAME",
      summary: "this host's, in waves and lists (default: the machine's; IMMUCONFIG_HOST)",
    },
    "online-key": {
      multiple: true,
      value: "KEY",
      summary: "believe sets by this key, too (default: those trusted with the role online)",
    },
  },
  examples: [
    "bun-config trust add KEY --role online --name flags   # the key of the server, once",
    "bun-config agent --server https://flags.example.test --env live",
    "bun-config agent --nats tls://nats.example.test:4222 --nats-creds host.creds --env live",
  ],
  parse(args) {
    args.exactly([]);
    return {
      ...parseAddress(args),
      host: args.value("host"),
      keys: args.values("online-key").map(readPublicKey),
      nats: parseNats(args),
    };
  },
  async run(context, request) {
    const opened = open(context);
    const { env, now } = context;
    const { project, environment } = planePlace(context, request, opened.file);
    const keys = (): readonly Uint8Array[] => [...request.keys, ...trustedKeys(context, opened)];
    if (keys().length === 0) {
      throw usageError(
        "no key is trusted to switch flags here",
        "Trust the server's: bun-config trust add KEY --role online. It shows it at /v1/online-key.",
      );
    }
    const path = realFilePath(opened.path);
    const onTrouble = (message: string): void => report(context, { kind: "offline", message });
    const { transport, from } = await openTransport(context, request, opened.file, onTrouble);
    const agent = new Agent({
      transport,
      project,
      environment,
      keys,
      kept: new KeptSet(requireHome(stateFolder(env)), [from, project, environment, path]),
      switchFlags: (wanted, formerly) => replaceOverrides(path, wanted, formerly, { env }),
      host: hostOf(env, request),
      file: () => fileOf(context, path),
      now: () => now().getTime(),
      report: (event) => report(context, event),
      signal: askedToStop(),
    });
    await agent.run();
  },
};

/** It stays the same when the agent starts again: by it a host keeps its place in a rollout. */
function hostOf(env: Context["env"], request: AgentRequest): string {
  const name = request.host ?? env["IMMUCONFIG_HOST"] ?? hostname();
  if (HOST.test(name)) return name;
  throw usageError(
    `${quote(name)} cannot be a host's name`,
    "Give --host NAME: letters, digits, and . : _ -, at most 253.",
  );
}

function trustedKeys({ env, now }: Context, { path, file }: OpenedFile): Uint8Array[] {
  const policy = placePolicy(path, file, env);
  if (policy === undefined) return [];
  return currentKeys(policy.trust, "online", dayOf(now())).map(({ publicKey }) => publicKey);
}

function fileOf({ env }: Context, path: string): File | undefined {
  try {
    return readConfigFile(path, env);
  } catch {
    return undefined;
  }
}

function report({ out, now }: Context, event: AgentEvent): void {
  const time = now().toISOString();
  out.data({ time, ...event }, `${time} ${textOf(event)}`);
}

function textOf(event: AgentEvent): string {
  switch (event.kind) {
    case "applied": {
      const { sequence, overrides, refused, fromDisk } = event;
      const states = Object.entries(overrides).map(([name, on]) => `${name} ${on ? "on" : "off"}`);
      const left = refused.length === 0 ? "" : `; not here: ${refused.join(", ")}`;
      const from = fromDisk ? ", as it was kept" : "";
      return `set ${sequence}${from}: ${states.join(", ") || "no override"}${left}`;
    }
    case "expired":
      return `set ${event.sequence} has run out: what it switched on has ended, what it switched off stays off`;
    default:
      return `${event.kind}: ${event.message}`;
  }
}
