/** @jsxImportSource preact */
import type { Place } from "./client.ts";
import { CopyButton } from "./copy_button.tsx";

interface Props {
  readonly words: string;
  readonly place: Place;
}

/** A command that can be copied as it stands: it names this server and this environment. */
export function Command({ words, place: { project, environment } }: Props) {
  const text = `bunx immuconfig ${words} --server ${location.origin} --project ${project} --env ${environment}`;
  return (
    <span class="copyable">
      <code class="command">{text}</code> <CopyButton text={text} what="the command" />
    </span>
  );
}
