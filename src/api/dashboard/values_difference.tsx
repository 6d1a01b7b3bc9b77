/** @jsxImportSource preact */
import { differenceText, STALE_TEXT, type ValuesLook } from "../../base/values_words.ts";

/** What a change of values would change now; nothing for any other change. */
export function Difference({ values }: { readonly values: ValuesLook | undefined }) {
  if (values === undefined) return null;
  return (
    <>
      {values.stale ? <div class="warn">It will not be done: {STALE_TEXT}.</div> : null}
      {values.difference.length === 0 ? <div class="quiet">It changes nothing.</div> : null}
      <ul class="difference">
        {values.difference.map((one) => (
          <li key={one.what}>{differenceText(one)}</li>
        ))}
      </ul>
    </>
  );
}
