import { bunOnly } from "../base/bun_only.ts";

/**
 * `bun:ffi`, which only Bun has: asked for when it is needed, so that no bundle for another runtime
 * names it.
 *
 * @throws ImmuconfigError `ERR_UNSUPPORTED` elsewhere
 */
export function bunFfi(): typeof import("bun:ffi") {
  const module = process.getBuiltinModule("bun:ffi") as typeof import("bun:ffi") | undefined;
  if (module !== undefined) return module;
  throw bunOnly("bun:ffi");
}
