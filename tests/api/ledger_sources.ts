/** Sources of a ledger, as `bun-config ledger --sources` writes them. */

const SOURCES = {
  kind: "immuconfig-sources/1",
  cwd: "",
  entrypoints: ["a.ts"],
  build: {},
  compilerOptions: {},
  nodeEnv: null,
  files: [] as object[],
  aliases: [],
  asked: [],
  uncounted: [],
};

/** @param files by their paths; `a.ts` is where the build begins */
export function sourcesOf(
  files: Readonly<Record<string, string>>,
  more: object = {},
): Uint8Array<ArrayBuffer> {
  const list = Object.entries(files).map(([path, text]) => ({ path, text }));
  return new TextEncoder().encode(JSON.stringify({ ...SOURCES, files: list, ...more }));
}
