import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setOverride, unsetOverride } from "../../src/live/writer.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { updateFile } from "../../src/store/update.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { REPOSITORY } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { liveProject } from "./support.ts";

const node = Bun.which("node");
const LIVE = join(REPOSITORY, "src", "live", "index.ts");

/** Prints what it sees each time that it is told to look. */
const PROGRAM = `
import { createInterface } from "node:readline";
import { live } from "./live.js";
const look = () => console.log(JSON.stringify({ mode: live.mode, generation: live.generation, ...live.features }));
look();
for await (const _ of createInterface({ input: process.stdin })) look();
live.close();
`;

describe.skipIf(node === null)("under Node", () => {
  test("the same view polls the files", async () => {
    const folder = mkdtempSync(join(tmpdir(), "immuconfig-node-"));
    using project = liveProject();
    const { path, env } = project;
    const build = await Bun.build({ entrypoints: [LIVE], target: "bun", naming: "live.js" });
    const [bundle] = build.outputs;
    await Bun.write(join(folder, "live.js"), (await bundle?.text()) ?? "");
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "program.js"), PROGRAM);
    const child = Bun.spawn([node ?? "", join(folder, "program.js")], {
      cwd: folder,
      env: { ...process.env, ...env, IMMUCONFIG_FILE: path },
      stdio: ["pipe", "pipe", "inherit"],
      timeout: 20_000,
    });
    const output = child.stdout.getReader();
    const look = async (): Promise<object> => {
      const { value } = await output.read();
      return JSON.parse(new TextDecoder().decode(value));
    };
    const off = { A: false, B: false, DEBUG: false };
    expect(await look()).toEqual({ mode: "polled", generation: 1, ...off });
    const steps = [
      [() => setOverride(path, "A", true, { env }), { generation: 1, A: true }],
      [
        () => updateFile(path, switchFlags(["B"], true), { read: verifiedReader(env) }),
        { generation: 2, B: true },
      ],
      [() => unsetOverride(path, "A", { env }), { generation: 2, A: false }],
    ] as const;
    for (const [change, expected] of steps) {
      await change();
      await until(async () => {
        await child.stdin.write("look\n");
        return Bun.deepMatch(expected, await look());
      });
    }
    await child.stdin.end();
    expect(await child.exited).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
