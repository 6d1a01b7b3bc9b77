/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Few<Item> {
  readonly shown: readonly Item[];
  /** Shows the others, or no longer; nothing where all are shown anyway. It stays where it is, and keeps the focus. */
  readonly button: ComponentChildren;
}

/**
 * The first of a long list: what comes after it on the page is otherwise out of reach, and a page of a thousand rows is
 * slow.
 *
 * @param what they are, in the plural
 */
export function useFew<Item>(items: readonly Item[], few: number, what: string): Few<Item> {
  const [isOpen, setIsOpen] = useState(false);
  if (items.length <= few) return { shown: items, button: null };
  const button = (
    <button class="more" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
      {isOpen ? `Show the first ${few} ${what}` : `Show all ${items.length} ${what}`}
    </button>
  );
  return { shown: isOpen ? items : items.slice(0, few), button };
}
