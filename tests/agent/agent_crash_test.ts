/** The agent, killed at every system call by which it keeps a set and brings it to the live flags. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { OVERRIDE_SET_SIZE_MAX } from "../../src/base/limits.ts";
import { openLive } from "../../src/live/view.ts";
import { SlotFile } from "../../src/store/slot_file.ts";
import { readOverrideSet } from "../../src/trust/override_set.ts";
import { type Plane, SHOP } from "../api/support.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { callsIn, straceWords } from "../support/strace.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";
import { FILE, useHosts } from "./host.ts";

setDefaultTimeout(600_000);
const temporaryFolder = useTemporaryFolders();
const { startPlane } = useHosts();

/**
 * What can leave something other than it was. Writes of files whose names are not known before are left out: the
 * threads of Bun write, too. What was written is made durable by the next call, which is here.
 */
const CHANGING = "mkdir,link,rename,unlink,pwrite64,fsync,fdatasync,ftruncate,fchmod,flock";

/** A traced one on a busy machine. */
const AGENT_MS_MAX = 30_000;

/** What is kept, and what a program sees then. */
interface Kept {
  readonly sequence: number;
  readonly enabled: boolean;
}

/** The record has the flag on. */
const NOTHING: Kept = { sequence: 0, enabled: true };

interface AgentEvent {
  readonly kind: string;
  readonly sequence?: number;
  readonly fromDisk?: boolean;
}

interface Ended {
  readonly said: readonly AgentEvent[];
  readonly exitCode: number;
}

describe.skipIf(findTool("strace") === undefined)("an agent", () => {
  let plane: Plane;
  let key = "";
  let tag = "";
  /** What the server has. */
  let newest = NOTHING;
  /** Of its file and of all that it keeps: the second goes back to what it was before each round. */
  let folder = "";
  let home = "";

  beforeAll(async () => {
    folder = temporaryFolder();
    home = join(temporaryFolder(), "home");
    writeConfigFile(folder, FILE);
    const started = await startPlane();
    ({ plane, key } = started);
    ({ tag } = started);
    await flip(false);
  });

  afterAll(async () => {
    await plane[Symbol.asyncDispose]();
  });

  async function flip(enabled: boolean): Promise<void> {
    const body = { enabled, reason: "try" };
    const path = `${SHOP}/overrides/CHECKOUT`;
    const answered = await plane.call("PUT", path, body, { "if-match": tag });
    expect(answered.status).toBe(200);
    tag = answered.etag;
    newest = { sequence: (await plane.call("GET", `${SHOP}/hosts`)).body.sequence, enabled };
  }

  const env = (): { readonly [name: string]: string } => ({
    HOME: home,
    IMMUCONFIG_RUNTIME_DIR: join(home, "runtime"),
    // What Bun itself keeps is not the agent's.
    BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    IMMUCONFIG_SERVER: plane.server.url.href,
    IMMUCONFIG_TOKEN: plane.token,
    IMMUCONFIG_ENVIRONMENT: "live",
  });

  /** What the agent keeps, what it writes that by, and the live flags. */
  function pathsOfState(): string[] {
    const roots = [join(home, ".local", "state", "immuconfig"), join(home, "runtime")];
    const found = roots.flatMap((root) =>
      readdirSync(root, { recursive: true }).map((name) => join(root, String(name))),
    );
    const lock = join(home, "runtime", ".immuconfig.lock");
    return [...new Set([...roots, ...found, lock])];
  }

  /**
   * @param strace its words; none runs the agent by itself
   * @param until what it says last: it is asked to end then
   */
  async function runAgent(
    strace: readonly string[],
    until: (event: AgentEvent) => boolean,
    token = plane.token,
  ): Promise<Ended> {
    const child = Bun.spawn([...strace, BUN, CLI, "agent", "--json", "--online-key", key], {
      cwd: folder,
      env: { PATH: process.env["PATH"], ...env(), IMMUCONFIG_TOKEN: token },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = (): number => (strace.length === 0 ? child.pid : tracedBy(child.pid));
    const timer = setTimeout(() => process.kill(pid(), "SIGKILL"), AGENT_MS_MAX);
    const said: AgentEvent[] = [];
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      said.push(...lines.map((line) => JSON.parse(line) as AgentEvent));
      if (said.some(until)) process.kill(pid());
    }
    await child.exited;
    clearTimeout(timer);
    return { said, exitCode: child.signalCode === "SIGKILL" ? 128 + 9 : (child.exitCode ?? -1) };
  }

  /** The set that is kept, whole and signed; 0 for none. */
  function keptSequence(): number {
    const agents = join(home, ".local", "state", "immuconfig", "agents");
    for (const name of existsSync(agents) ? readdirSync(agents) : []) {
      const text = new SlotFile(join(agents, name, "sets"), OVERRIDE_SET_SIZE_MAX).read();
      if (text === undefined) continue;
      const keys = [Uint8Array.fromHex(key)];
      const expected = { project: "shop", environment: "live", keys, seen: 0, now: undefined };
      return readOverrideSet(text, expected).sequence;
    }
    return 0;
  }

  /** What a program that starts now sees. */
  async function seen(): Promise<boolean | undefined> {
    const live = await openLive(join(folder, "bunfig.lockb"), { env: env() });
    try {
      return live.features["CHECKOUT"];
    } finally {
      live.close();
    }
  }

  /**
   * Kills an agent at each call of the run from what is kept to the newest set, and looks at what is there, then at
   * what the next agent makes of it while the server does not let it in.
   *
   * @param strace its words, but for the fault
   */
  async function killEverywhere(
    before: Kept,
    after: Kept,
    strace: (log: string, fault?: string) => string[],
  ): Promise<void> {
    const kept = join(temporaryFolder(), "kept");
    cpSync(home, kept, { recursive: true });
    const isApplied = ({ kind, sequence }: AgentEvent): boolean =>
      kind === "applied" && sequence === after.sequence;
    const log = join(temporaryFolder(), "trace");
    expect((await runAgent(strace(log), isApplied)).exitCode).toBe(0);
    const names = new Set(callsIn(log).map(({ name }) => name));
    // The first set is a new file, and each later one is written over the one before the last.
    const sync = before === NOTHING ? "fsync" : "fdatasync";
    for (const name of [sync, "flock", "pwrite64"]) expect(names).toContain(name);
    const outcomes = new Set<number>();
    for (const [name, ordinal] of ordinals(names)) {
      rmSync(home, { recursive: true });
      cpSync(kept, home, { recursive: true });
      const fault = `${name}:signal=KILL:when=${ordinal}`;
      const killed = await runAgent(strace(log, fault), isApplied);
      // It came to its end before it made so many calls.
      if (killed.exitCode === 0) names.delete(name);
      else expect([fault, killed.exitCode]).toEqual([fault, 128 + 9]);
      const sequence = keptSequence();
      expect([before.sequence, after.sequence]).toContain(sequence);
      expect([before.enabled, after.enabled]).toContain((await seen()) === true);
      outcomes.add(sequence);
      // The server does not let the next one in: what was kept is all that it has.
      const { said } = await runAgent([], ({ kind }) => kind === "offline", "imm_x");
      const applied = said.filter(({ kind }) => kind === "applied");
      expect(applied.map((event) => [event.sequence, event.fromDisk])).toEqual(
        sequence === 0 ? [] : [[sequence, true]],
      );
      const state = sequence === after.sequence ? after : before;
      expect([fault, await seen()]).toEqual([fault, state.enabled]);
    }
    expect(outcomes).toEqual(new Set([before.sequence, after.sequence]));
  }

  test("that gets its first set", async () => {
    mkdirSync(join(home, "runtime"), { recursive: true, mode: 0o700 });
    await killEverywhere(NOTHING, newest, (log, fault) => straceWords(log, [], CHANGING, fault));
  });

  test("that gets a newer one", async () => {
    await runAgent([], ({ kind }) => kind === "applied");
    const first = newest;
    await flip(true);
    const paths = pathsOfState();
    await killEverywhere(first, newest, (log, fault) => straceWords(log, paths, "all", fault));
  });
});

/** Each call of each name in turn, until the name is taken out of the set. */
function* ordinals(names: ReadonlySet<string>): Generator<[string, number]> {
  for (const name of names) {
    for (let ordinal = 1; names.has(name); ordinal++) yield [name, ordinal];
  }
}

/** The one process that a strace started. */
function tracedBy(strace: number): number {
  const children = readFileSync(`/proc/${strace}/task/${strace}/children`, "utf8");
  return Number(children.trim().split(" ")[0]);
}
