/** What the page's address says is shown: `#shop/live?find=CART`. A reload shows it again, and a link shows it to others. */

/** The environment, or another page; empty where none was chosen. */
export function nameHere(): string {
  return partsHere()[0];
}

/** Shows an environment, or another page. */
export function choose(name: string): void {
  location.hash = name;
}

/** What the flags were sought by. */
export function soughtHere(): string {
  return new URLSearchParams(partsHere()[1]).get("find") ?? "";
}

/** Where a flag is sought in an environment. */
export function addressOf(name: string, text: string): string {
  const query = text === "" ? "" : `?${new URLSearchParams({ find: text })}`;
  return `#${name}${query}`;
}

/** Without a step for the browser to go back: that leads to another page, not to another letter. */
export function keepSought(name: string, text: string): void {
  history.replaceState(null, "", addressOf(name, text));
}

function partsHere(): readonly [name: string, query: string] {
  const [name = "", query = ""] = location.hash.slice(1).split("?", 2);
  return [name, query];
}
