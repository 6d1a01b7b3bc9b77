/** Where the shared library of a platform lies. */

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libimmuconfig.so",
  darwin: "libimmuconfig.dylib",
  win32: "immuconfig.dll",
};

/**
 * @param lib the folder `lib/` of the package
 * @returns of this machine's library, which need not be there
 */
export function libraryPath(lib: string): string {
  const { platform, arch } = process;
  return `${lib}/${platform}-${arch}/${NAMES[platform] ?? ""}`;
}
