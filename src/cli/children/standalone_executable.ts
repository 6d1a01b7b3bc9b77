/** Which program runs this command. */

/** Where Bun keeps the files inside an executable made by `bun build --compile`. */
const EMBEDDED_PATH = /^(?:\/\$bunfs\/|[A-Za-z]:[\\/]~BUN[\\/])/;

/** The running executable, when immuconfig was compiled into it. */
export function standaloneExecutable(): string | undefined {
  const isEmbedded = typeof Bun !== "undefined" && EMBEDDED_PATH.test(Bun.main);
  return isEmbedded ? process.execPath : undefined;
}
