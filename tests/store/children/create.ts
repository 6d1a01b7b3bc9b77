// Creates FILE; prints `created`, or the code of the error.

import { ImmuconfigError } from "../../../src/base/errors.ts";
import { encodeFile } from "../../../src/format/file.ts";
import { createFile } from "../../../src/store/durable_write.ts";
import { PLAIN_FILE } from "../../support/config_files.ts";

try {
  createFile(process.argv[2] ?? "", encodeFile(PLAIN_FILE));
  console.log("created");
} catch (error) {
  if (!(error instanceof ImmuconfigError)) throw error;
  console.log(error.code);
}
