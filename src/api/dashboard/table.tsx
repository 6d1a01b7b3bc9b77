/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";

interface Props {
  /** What it is a table of, for those who hear the page. */
  readonly label: string;
  /** Of its columns. */
  readonly heads: readonly ComponentChildren[];
  /** On a small screen each row is a list of its cells, named by their `data-label`. */
  readonly stacks?: boolean;
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table that scrolls by itself, also by the keyboard, where it is wider than the page. */
export function ScrollTable({ label, heads, stacks = false, children }: Props) {
  return (
    <div class={stacks ? "scroll stacks" : "scroll"} tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th scope="col" key={index}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
