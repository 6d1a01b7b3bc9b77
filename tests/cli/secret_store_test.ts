import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool } from "../support/tools.ts";

const temporaryFolder = useTemporaryFolders();
const isHere = ["dbus-run-session", "gnome-keyring-daemon"].every(
  (tool) => findTool(tool) !== undefined,
);

const SCRIPT = `
printf pass | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
trap 'kill $keyring' EXIT
for i in $(seq 100); do [ -S "$XDG_RUNTIME_DIR/keyring/control" ] && break; sleep 0.05; done
set -e
tool() { "$BUN" --config=/dev/null --no-env-file "$CLI" "$@"; }
tool bootstrap --registry https://registry.example.test
tool key new work
tool trust add work --yes
tool sign --yes
tool feature enable DEBUG
tool verify
! tool key export work --private
`;

test.skipIf(!isHere)(
  "a key in the system's own store signs without a question, and is in no file",
  async () => {
    const root = temporaryFolder();
    const cwd = join(root, "shop");
    const home = join(root, "home");
    mkdirSync(home, { mode: 0o700 });
    writeFiles(cwd, { "package.json": '{"name":"shop"}' });
    writeFileSync(join(root, "script.sh"), SCRIPT);
    const { exitCode, stdout, stderr } = await run(
      ["dbus-run-session", "--", "bash", join(root, "script.sh")],
      { cwd, env: { HOME: home, XDG_RUNTIME_DIR: home, BUN, CLI }, timeoutMs: 50_000 },
    );
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain("signed by work");
    expect(stdout).toContain("generation 2, signed by key");
    expect(stderr).toContain("does not leave the system's store");
    expect(readdirSync(join(home, ".config", "immuconfig", "keys"))).toEqual(["work.json"]);
  },
  PROCESS_TESTS_TIMEOUT_MS,
);
