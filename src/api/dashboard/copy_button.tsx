/** @jsxImportSource preact */
import { useState } from "preact/hooks";

interface Props {
  readonly text: string;
  /** What it is, for those who hear a list of buttons. */
  readonly what: string;
}

/** Brings a text to the clipboard; browsers let a page do so over https and on this machine alone. */
export function CopyButton({ text, what }: Props) {
  const [said, setSaid] = useState("");
  if (!isSecureContext) return null;
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      () => setSaid("Not allowed: select it"),
    );
  return (
    <>
      <button type="button" class="small" onClick={copy}>
        Copy<span class="visually-hidden"> {what}</span>
      </button>{" "}
      <span class="quiet" role="status">
        {said}
      </span>
    </>
  );
}
