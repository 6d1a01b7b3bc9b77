/** What was built from Zig: the files in lib/ of the package. */

import { packageRoot } from "../base/package_root.ts";

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libimmuconfig.so",
  darwin: "libimmuconfig.dylib",
  win32: "immuconfig.dll",
};

/** This machine's shared library. The file need not be there. */
export function libraryPath(): string {
  const { platform, arch } = process;
  return `${packageRoot()}/lib/${platform}-${arch}/${NAMES[platform] ?? ""}`;
}

/** This machine's shared library; nothing where it was not built. */
export function findLibrary(): string | undefined {
  return ifBuilt(libraryPath());
}

/** The WebAssembly module; nothing where it was not built. */
export function findWasm(): string | undefined {
  return ifBuilt(`${packageRoot()}/lib/immuconfig.wasm`);
}

/** Programs that need the path alone must not wait for node:fs. */
function ifBuilt(path: string): string | undefined {
  return process.getBuiltinModule("node:fs").existsSync(path) ? path : undefined;
}
