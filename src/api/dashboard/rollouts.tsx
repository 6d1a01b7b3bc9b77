/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { shareText } from "../../base/shares.ts";
import { type Asking, AskingDialog } from "./asking.tsx";
import { haltRollout, wish } from "./change_client.ts";
import type { Environment, Override, Rollout } from "./client.ts";
import { NamedButton } from "./named_button.tsx";
import { dateText } from "./words.ts";

interface UnderWay {
  readonly name: string;
  readonly override: Override;
  readonly rollout: Rollout;
}

/** The switches that reach the hosts in waves, and have not reached all that they are to. */
export function Rollouts({
  environment,
  canSwitch,
}: {
  readonly environment: Environment;
  readonly canSwitch: boolean;
}) {
  const [asking, setAsking] = useState<Asking>();
  const underWay = environment.flags.flatMap(({ name, override }) => {
    const rollout = override?.rollout ?? null;
    if (override === null || rollout === null) return [];
    return rollout.step + 1 < rollout.shares.length ? [{ name, override, rollout }] : [];
  });
  if (underWay.length === 0) return null;
  return (
    <section aria-labelledby="rollouts">
      <h2 id="rollouts">Rollouts in waves</h2>
      <ul class="plans">
        {underWay.map((one) => (
          <li key={one.name}>
            <RolloutText {...one} />
            {canSwitch ? (
              <NamedButton
                verb={one.rollout.halted === null ? "Halt" : "Resume"}
                name={`the rollout of ${one.name}`}
                onClick={() => setAsking(askingFor(environment, one))}
              />
            ) : null}
          </li>
        ))}
      </ul>
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </section>
  );
}

function RolloutText({ name, override: { enabled }, rollout }: UnderWay) {
  const { shares, step, since, everyMs, halted } = rollout;
  return (
    <span>
      <span class="name">{name}</span> is {enabled ? "on" : "off"} for{" "}
      {shareText(shares[step] ?? 0)} of the hosts
      {halted === null ? (
        `; for ${shareText(shares[step + 1] ?? 0)} at ${dateText(since + everyMs)}`
      ) : (
        <span class="warn">; halted: {halted.reason}</span>
      )}
    </span>
  );
}

function askingFor(environment: Environment, { name, rollout }: UnderWay): Asking {
  if (rollout.halted === null) {
    const run = (reason: string): Promise<unknown> => haltRollout(environment, name, reason);
    return { title: `Halt the rollout of ${name}`, verb: "Halt it", run };
  }
  const action = { kind: "resume", flag: name } as const;
  const run = (reason: string): Promise<unknown> => wish(environment, { action, reason, at: null });
  return { title: `Let the rollout of ${name} go on`, verb: "Resume it", run };
}
