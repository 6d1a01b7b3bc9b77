import { hexBytes, hexCrc64 } from "../../format/bytes.ts";
import { recordToText } from "../../format/record.ts";
import type { Command } from "../command.ts";
import { open } from "../project_file.ts";

export const verifyCommand: Command = {
  name: "verify",
  summary: "check every byte of the file",
  usage: [""],
  examples: ["bun-config verify", "bun-config verify --file other.lockb --json"],
  run(context, args) {
    args.exactly([]);
    const { path, file, pin } = open(context, args);
    const record = recordToText(file.record);
    const { generation, checksum, signature } = file;
    const keyId = signature === null ? null : hexBytes(signature.keyId);
    const sealed = keyId === null ? "sealed by its checksum" : `signed by key ${keyId}`;
    context.out.done(
      {
        file: path,
        valid: true,
        record,
        generation,
        checksum: hexCrc64(checksum),
        keyId,
        pinned: pin === undefined ? null : recordToText(pin.record),
      },
      `${path} is valid: record ${record}, generation ${generation}, ${sealed}`,
    );
  },
};
