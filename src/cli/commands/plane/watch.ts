import { askedToStop } from "../../../base/asked_to_stop.ts";
import { sleep } from "../../../base/sleep.ts";
import type { PlaneEnvironment } from "../../../agent/plane_answers.ts";
import type { PlaneClient } from "../../../agent/plane_client.ts";
import type { Command, Context } from "../../command.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";

/** Milliseconds between two tries to reach a server that has gone. */
const RETRY_MS = 2000;

export const watchCommand: Command<AddressRequest> = {
  usage: ["[--server URL] [--project NAME] [--env NAME]"],
  options: ADDRESS_OPTIONS,
  examples: ["bun-config watch --env live", "bun-config watch --env live --json"],
  parse(args) {
    args.exactly([]);
    return parseAddress(args);
  },
  async run(context, request) {
    const client = planeClient(context, request);
    const signal = askedToStop();
    let seen: PlaneEnvironment | undefined;
    while (!signal.aborted) {
      try {
        for await (const version of client.versions(signal)) {
          if (version === seen?.version) continue;
          const now = await client.environment();
          report(context, client, seen, now);
          seen = now;
        }
      } catch (error) {
        if (signal.aborted) return;
        // What never answered is a mistake of the command line; what did will be back.
        if (seen === undefined) throw error;
        context.out.note(`${client.name} has gone; trying again`);
      }
      await sleep(RETRY_MS, signal);
    }
  },
};

function report(
  { out }: Context,
  client: PlaneClient,
  before: PlaneEnvironment | undefined,
  now: PlaneEnvironment,
): void {
  const old = new Map(before?.flags.map(({ name, enabled }) => [name, enabled]));
  const changed = now.flags.filter(({ name, enabled }) => old.get(name) !== enabled);
  const states = changed.map(({ name, enabled }) => `${name} ${enabled ? "on" : "off"}`);
  const generation = now.record?.generation ?? null;
  out.data(
    {
      version: now.version,
      generation,
      flags: changed.map(({ name, enabled }) => ({ name, enabled })),
    },
    `${client.name}, version ${now.version}: ${states.join(", ") || "no flag changed"}`,
  );
}
