/** @jsxImportSource preact */

interface Props {
  readonly verb: string;
  /** To what it is done, after the verb: heard, and seen in the row that it stands in. */
  readonly name: string;
  readonly onClick: () => void;
}

/** A button of a list, where each row has the same. */
export function NamedButton({ verb, name, onClick }: Props) {
  return (
    <button onClick={onClick}>
      {verb}
      <span class="visually-hidden"> {name}</span>
    </button>
  );
}
