import { resolve } from "node:path";
import { FormatError } from "../../../base/errors.ts";
import { hexBytes, hexCrc64 } from "../../../format/bytes.ts";
import { MAGIC } from "../../../format/layout.ts";
import { recordToText, settingsChecksum } from "../../../format/record.ts";
import { pinInForce } from "../../../runtime/pin.ts";
import { readFileBytes } from "../../../store/read.ts";
import { REWRITE_TWIN, twinPath, twinState } from "../../../store/twin.ts";
import { verifyFile } from "../../../trust/verified.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { requireOneLine } from "../../files/one_line.ts";
import { locate } from "../../files/project_file.ts";

export interface VerifyRequest {
  /** As the user wrote it; nothing for the project's own. */
  readonly path: string | undefined;
}

export const verifyCommand: Command<VerifyRequest> = {
  usage: ["[FILE]"],
  takesFiles: true,
  examples: [
    "bun-config verify",
    "bun-config verify --file other.lockb --json",
    "bun-config verify dist/server.js",
  ],
  parse: (args) => ({ path: args.atMostOne("FILE") }),
  async run(context, { path: operand }) {
    if (operand === undefined) return verifyConfigFile(context, locate(context));
    requireOneLine(operand);
    const path = resolve(context.cwd, operand);
    if (isConfigFile(path)) return verifyConfigFile(context, path);
    const { reportBuiltFile } = await import("../build/built_file.ts");
    return reportBuiltFile(context, path) ?? refuseUnknown(path);
  },
};

function verifyConfigFile(context: Context, path: string): number {
  const bytes = readFileBytes(path);
  const { file, verdict } = verifyFile(bytes, path, context.env, { now: context.now() });
  const twin = twinState(path, bytes);
  const pin = pinInForce(context.env, path, file);
  const record = recordToText(file.record);
  const { generation, signature } = file;
  const keyId = signature === null ? null : hexBytes(signature.keyId);
  const sealed =
    keyId === null
      ? "sealed by its checksum"
      : `signed by key ${keyId}, trusted in ${verdict?.policy.source}`;
  context.out.done(
    {
      file: path,
      valid: true,
      record,
      generation,
      checksum: hexCrc64(settingsChecksum(file.record)),
      keyId,
      trust:
        verdict === undefined
          ? null
          : {
              source: verdict.policy.source,
              project: file.meta.project ?? null,
              signers: verdict.signers.map(({ publicKey }) => hexBytes(publicKey)),
              audience: file.meta.signed?.audience ?? null,
              expires: file.meta.signed?.expires ?? null,
              floor: verdict.floor,
              floorKept: verdict.floorKept,
            },
      pinned: pin === undefined ? null : recordToText(pin.record),
      twin,
    },
    `${path} is valid: record ${record}, generation ${generation}, ${sealed}`,
  );
  if (verdict?.floorKept === false) {
    context.out.note("note: nothing is kept on this machine, so an older signed file would pass");
  }
  if (twin !== "untrue") return EXIT.done;
  context.out.note(`${twinPath(path)} does not say what the file says. ${REWRITE_TWIN}`);
  return EXIT.failed;
}

function isConfigFile(path: string): boolean {
  return Buffer.from(readFileBytes(path).subarray(0, MAGIC.length)).equals(Buffer.from(MAGIC));
}

function refuseUnknown(path: string): never {
  throw new FormatError(
    {
      offset: 0,
      field: "embedded record",
      expected: "a configuration file, or an output of bun-config build",
      found: "neither",
    },
    { path, hint: "Build it with bun-config build." },
  );
}
