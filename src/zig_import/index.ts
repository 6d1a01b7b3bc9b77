/** `immuconfig/zig`: Zig files in Bun programs and bundles. */

export { findZig, type ZigSearch } from "./find_zig.ts";
export { buildZigModule, type ZigModule, type ZigOptimize, type ZigOptions } from "./compile.ts";
export { zigFlagsModule } from "./flags_module.ts";
export { zigPlugin } from "./plugin.ts";
export { zigTypings } from "./typings.ts";
