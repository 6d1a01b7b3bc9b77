import { describe, expect, test } from "bun:test";
import { parseArguments } from "../../src/cli/args/arguments.ts";
import { installedCompanion } from "../../src/cli/companions.ts";
import { loadCommand, loadCommands } from "../../src/cli/listing.ts";
import { rejectionOf } from "../support/errors.ts";

/** What a command takes its words for, without running it. */
async function parse(line: string): Promise<unknown> {
  const [name = "", ...words] = line.split(" ");
  const command = await loadCommand(name, { companion: installedCompanion });
  return command.parse(parseArguments(words, command.options ?? {}));
}

const RETIRE = { action: "retire", markOnly: false, paths: [], yes: false, dryRun: false };

describe("words become what is asked for", () => {
  const cases: [line: string, request: object][] = [
    ["get", { field: undefined }],
    ["get features.DEBUG --json --file other.lockb", { field: "features.DEBUG" }],
    ["verify dist/app.js", { path: "dist/app.js" }],
    ["inspect", { path: undefined, text: false, textconv: false }],
    ["inspect a.lockb --textconv", { path: "a.lockb", text: true, textconv: true }],
    ["feature list", { action: "list" }],
    [
      "feature define NEW --bit 7 --owner shop --expires 2030-12-31",
      {
        action: "define",
        name: "NEW",
        definition: { bit: 7, owner: "shop", expires: "2030-12-31" },
      },
    ],
    [
      "feature enable A B --define",
      { action: "switch", names: ["A", "B"], enabled: true, define: true },
    ],
    ["feature disable A", { action: "switch", names: ["A"], enabled: false, define: false }],
    ["feature retire A", { ...RETIRE, name: "A", keep: undefined }],
    ["feature retire A --mark-only", { ...RETIRE, name: "A", keep: undefined, markOnly: true }],
    [
      "feature retire A --keep off src lib -y",
      { ...RETIRE, name: "A", keep: "off", paths: ["src", "lib"], yes: true },
    ],
    ["live", { action: "status" }],
    ["live set A off", { action: "set", name: "A", enabled: false }],
    ["live set A on --for 10m", { action: "set", name: "A", enabled: true, forMs: 600_000 }],
    ["live unset A", { action: "unset", name: "A" }],
    ["diff HEAD --exit-code", { a: "HEAD", b: undefined, exitCode: true }],
    ["log --limit 5", { limit: 5 }],
    ["merge a b c", { base: "a", ours: "b", theirs: "c", name: undefined }],
    ["types --out a.d.ts --check", { out: "a.d.ts", check: true }],
    ["bootstrap", { registry: undefined }],
    ["git-setup --undo", { undo: true }],
    ["env --shell fish", { shell: "fish" }],
    ["completions zsh", { shell: "zsh" }],
    ["check src lib", { paths: ["src", "lib"] }],
    [
      "build a.ts --outdir out --feature A --no-feature B --splitting",
      {
        kind: "bundle",
        entries: ["a.ts"],
        outdir: "out",
        features: { A: true, B: false },
        config: { splitting: true },
      },
    ],
    ["build a.zig --outfile a.wasm", { kind: "zig", entry: "a.zig", outfile: "a.wasm" }],
    ["prove A a.ts --in a.js", { name: "A", entries: ["a.ts"], files: ["a.js"], scrubMaps: true }],
    ["ledger a.ts --html a.html", { entries: ["a.ts"], html: "a.html", budgets: [] }],
    ["matrix a.ts --jobs 2", { entries: ["a.ts"], jobs: 2, command: [] }],
    ["trust", { action: "list" }],
    ["upgrade", { program: "bun", version: undefined, check: false }],
    ["upgrade self v1.2.3 --check", { program: "self", version: "1.2.3", check: true }],
    ["rollback self --to x", { program: "self", to: "x" }],
  ];
  test.each(cases)("%s", async (line, request) => {
    expect(await parse(line)).toMatchObject(request);
  });
});

describe("words that a command does not take are refused", () => {
  const cases: [line: string, message: string][] = [
    ["get a b", "expected one FIELD"],
    ["set version", "expected FIELD VALUE"],
    ["set nothing 1", "there is no setting"],
    ["set version one", "is not a config version"],
    ["feature", "expected one of list, define"],
    ["feature list A", "list takes no names"],
    ["feature list --bit 1", "--bit does not go with feature list"],
    ["feature enable A --keep on", "--keep does not go with feature enable"],
    ["feature retire A --keep maybe", "--keep on or --keep off"],
    ["feature retire A --keep on --mark-only", "--mark-only leaves the sources alone"],
    ["live watch A", "watch takes no operand"],
    ["live set A off --for 10", '"10" is not a time'],
    ["live status --for 10m", "--for does not go with live status"],
    ["live flip A", 'there is no action "flip"'],
    ["trust --role online", "--role does not go with trust list"],
    ["trust list --threshold 2", "--threshold does not go with trust list"],
    ["trust remove ann --role online", "--role does not go with trust remove"],
    ["key list --store file", "--store does not go with key list"],
    ["key new a b", "new takes 1 word"],
    ["key rotate a b c", "rotate takes 2 words"],
    ["override set A on --env live", "there is no reason"],
    ["override list --reason why", "--reason does not go with override list"],
    ["override clear A --reason why --wave 1%", "--wave does not go with override clear"],
    ["request reject 4 --in 2h --reason why", "--in does not go with request reject"],
    ["fleet simulate --limit 3", "--limit does not go with fleet simulate"],
    ["fleet simulate --hosts 0", "--hosts is from 1 to 10000, and not 0"],
    ["fleet simulate --hosts many", '"many" is not a number for --hosts'],
    ["serve --port 65536", "--port is from 0 to 65535"],
    ["fleet --hosts 3", "--hosts does not go with fleet status"],
    ["audit", "expected one of verify, export"],
    ["env --shell tcsh", "there is no shell"],
    ["log --limit 0", "--limit is from 1 to"],
    ["init --purge", "--purge goes with --undo"],
    ["build a.ts --feature A --no-feature A", "disagree"],
    ["build a.zig b.zig --outfile a.wasm", "a .zig entry point stands alone"],
    ["build a.zig --outfile a.wasm --minify", "--minify does not go with a .zig entry point"],
    ["matrix a.ts --jobs 65", "--jobs is from 1 to 64, and not 65"],
    ["rollback bun 1.4.5", "expected [bun|self]"],
    ["upgrade bun latest", "is not a released version"],
  ];
  test.each(cases)("%s", async (line, message) => {
    expect(String(await rejectionOf(parse(line)))).toContain(message);
  });
});

test("every command is loaded under the name that the table gives it", async () => {
  for (const command of await loadCommands({ companion: installedCompanion })) {
    expect(command.usage.length).toBeGreaterThan(0);
    expect(command.examples.length).toBeGreaterThan(0);
  }
});
