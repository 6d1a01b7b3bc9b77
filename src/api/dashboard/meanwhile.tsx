/** @jsxImportSource preact */
import type { Environment, Flag } from "./client.ts";

interface Props {
  readonly environment: Environment;
  /** As it was when the dialog opened. */
  readonly flag: Flag;
}

/** Says that somebody has changed a flag while a dialog about it is open: what is asked for may no longer be meant. */
export function Meanwhile({ environment, flag }: Props) {
  const now = environment.flags.find(({ name }) => name === flag.name);
  const isSame = now !== undefined && JSON.stringify(now) === JSON.stringify(flag);
  return (
    <p class="warn" role="status">
      {isSame ? null : meanwhileText(flag.name, now)}
    </p>
  );
}

function meanwhileText(name: string, now: Flag | undefined): string {
  if (now === undefined || now.retired) return `Meanwhile the record has no flag ${name} any more.`;
  const why = now.override === null ? "as the record says" : now.override.reason;
  return `Meanwhile ${name} has been changed. It is ${now.enabled ? "on" : "off"} now: ${why}.`;
}
