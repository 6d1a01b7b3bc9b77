/**
 * What `init` adds to a project's `postinstall`: importing it runs bootstrap. It runs under Node as
 * well, and a checkout that cannot be written to does not stop the install.
 */

import { bootstrap } from "./bootstrap.ts";
import { ImmuconfigError } from "./base/errors.ts";
import { EXIT_OF_ERROR } from "./base/exit_codes.ts";

try {
  const { created, path } = bootstrap({ cwd: process.cwd(), env: process.env });
  if (created) console.log(`immuconfig: created ${path}`);
} catch (error) {
  if (!(error instanceof ImmuconfigError)) throw error;
  console.error(`immuconfig: ${error.message}\n  ${error.hint ?? ""}`);
  if (error.code !== "ERR_WRITE") process.exitCode = EXIT_OF_ERROR[error.code];
}
