/** Where the package keeps the native library. No module is loaded for it. */

/**
 * The shared library of this machine's platform, whether it was built or not.
 *
 * @param lib the folder `lib/` of the package
 */
export function libraryPath(lib: string): string {
  const { platform, arch } = process;
  const folder = `${lib}/${platform}-${arch}`;
  if (platform === "win32") return `${folder}/immuconfig.dll`;
  return `${folder}/libimmuconfig.${platform === "darwin" ? "dylib" : "so"}`;
}
