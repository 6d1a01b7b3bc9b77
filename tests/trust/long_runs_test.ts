import { expect, setDefaultTimeout, test } from "bun:test";
import { BUN, run } from "../support/run.ts";
import { REPOSITORY } from "../support/repository.ts";

/** Of a processor, for all of them: they take one or two. */
const SECONDS_MAX = 40;
const TIMEOUT_MS = 300_000;
setDefaultTimeout(TIMEOUT_MS);

// A search that takes the square of such a run holds its thread, and nothing in it can end it.
test("a long run of one thing takes no long search", async () => {
  const tests = [BUN, "test", "./tests/trust/children/long_runs.ts"];
  const limited = ["sh", "-c", `ulimit -t ${SECONDS_MAX}; exec "$@"`, "sh", ...tests];
  const options = { cwd: REPOSITORY, timeoutMs: TIMEOUT_MS };
  const { stderr, exitCode } = await run(limited, options);
  expect({ stderr, exitCode }).toMatchObject({ exitCode: 0 });
});
