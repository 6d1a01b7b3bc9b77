/** @jsxImportSource preact */
import type { Place } from "./client.ts";

interface Props {
  readonly words: string;
  readonly place: Place;
}

/** A command that can be copied as it stands: it names this server and this environment. */
export function Command({ words, place: { project, environment } }: Props) {
  return (
    <code class="command">
      bunx immuconfig {words} --server {location.origin} --project {project} --env {environment}
    </code>
  );
}
