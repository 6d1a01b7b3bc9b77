/** Where the package lies. */

/** The last `src` or `dist` of a path, with what is before it. */
const BELOW_ROOT = /^(.*)[\\/](?:src|dist)(?:[\\/].*)?$/s;

/** The folder that holds package.json and lib/, for sources in src/ and what is built in dist/. */
export function packageRoot(): string {
  const folder = import.meta.dirname;
  return BELOW_ROOT.exec(folder)?.[1] ?? folder;
}
