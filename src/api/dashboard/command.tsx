/** @jsxImportSource preact */
import type { Place } from "./client.ts";
import { CopyButton } from "./copy_button.tsx";

interface Props {
  readonly words: string;
  /** Nothing for a command about the whole server. */
  readonly place?: Place;
}

/** A command that can be copied as it stands: it names this server, and the environment that it is about. */
export function Command({ words, place }: Props) {
  const where = place === undefined ? "" : ` --project ${place.project} --env ${place.environment}`;
  const text = `bunx immuconfig ${words} --server ${location.origin}${where}`;
  return (
    <span class="copyable">
      <code class="command">{text}</code> <CopyButton text={text} what="the command" />
    </span>
  );
}
