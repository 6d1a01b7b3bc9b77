/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";

interface Props {
  /** What it is a table of, for those who hear the page. */
  readonly label: string;
  /** Of its columns. */
  readonly heads: readonly ComponentChildren[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table that scrolls by itself, also by the keyboard, where it is wider than the page. */
export function ScrollTable({ label, heads, children }: Props) {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
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
