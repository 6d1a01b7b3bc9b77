import { expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../../src/upgrade/probe.ts";
import { rejectionOf } from "../support/errors.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

const temporaryFolder = useTemporaryFolders();

/** Longer than a test may take. */
const OUTLIVES_S = 60;

testWith("setsid")(
  "a process that leaves the group and keeps the output is not waited for",
  async () => {
    const program = join(temporaryFolder(), "program");
    const pidFile = `${program}.pid`;
    const script = `setsid sh -c 'echo $$ > "${pidFile}"; exec sleep ${OUTLIVES_S}' & echo 1.4.5`;
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    try {
      const error = await rejectionOf(runProgram(program, "--version", 300));
      expect(error).toMatchObject({ code: "ERR_PROGRAM" });
      expect(error).toHaveProperty("message", expect.stringContaining("did not end within 0.3 s"));
    } finally {
      process.kill(Number(await Bun.file(pidFile).text()), "SIGKILL");
    }
  },
);
