import { resolve } from "node:path";
import { FormatError, ImmuconfigError } from "../../../base/errors.ts";
import { annotate } from "../../../format/describe/annotate.ts";
import { hexBytes } from "../../../format/bytes.ts";
import { describeFile } from "../../../format/describe/facts.ts";
import { factText, twinText } from "../../../format/describe/text.ts";
import { type File, decodeUnverified } from "../../../format/file.ts";
import { readFileBytes } from "../../../store/read.ts";
import { verifyBytes } from "../../../trust/verified.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT, EXIT_OF_ERROR } from "../../../base/exit_codes.ts";
import { drawFields } from "../../output/hex_dump.ts";
import { printable } from "../../../base/text.ts";
import { locate } from "../../files/project_file.ts";

export interface InspectRequest {
  /** As the user wrote it; nothing for the project's own. */
  readonly path: string | undefined;
  /** Facts, or a drawing. */
  readonly text: boolean;
  /** For git, to which a broken file is no failure. */
  readonly textconv: boolean;
}

export const inspectCommand: Command<InspectRequest> = {
  usage: ["[FILE] [--text | --textconv]"],
  options: {
    text: { summary: "one fact a line, in a stable order" },
    textconv: { summary: "as --text, but status 0 for a broken file, for git" },
  },
  takesFiles: true,
  examples: [
    "bun-config inspect",
    "bun-config inspect --text",
    "bun-config inspect broken.lockb --json",
    "bun-config inspect dist/server.js",
  ],
  parse(args) {
    const textconv = args.has("textconv");
    return { path: args.atMostOne("FILE"), text: args.has("text") || textconv, textconv };
  },
  async run(context, request) {
    if (request.path === undefined) return inspectFile(context, request, locate(context));
    const path = resolve(context.cwd, request.path);
    if (request.text) return inspectFile(context, request, path);
    const { reportBuiltFile } = await import("../build/built_file.ts");
    return reportBuiltFile(context, path) ?? inspectFile(context, request, path);
  },
};

/** What kind of file it is decides how it is shown. */
function inspectFile(
  context: Context,
  { text: textOnly, textconv }: InspectRequest,
  path: string,
): number {
  const bytes = readFileBytes(path);
  // What git shows of a version must depend on its bytes alone, not on whose keys are trusted.
  const { file, error } = textOnly ? read(bytes) : readTrusted(bytes, path, context);
  const fault = error instanceof FormatError ? error.fault : undefined;
  if (textOnly && !context.out.json) {
    const text = textconv || file === undefined ? factText(bytes) : twinText(bytes);
    context.out.data(null, text.trimEnd());
  } else {
    const fields = annotate(bytes);
    const json = {
      file: path,
      valid: error === undefined,
      error: error === undefined ? null : { code: error.code, message: error.message, fault },
      facts: file === undefined ? null : Object.fromEntries(describeFile(file)),
      fields: fields.map((field) => ({
        ...field,
        bytes: hexBytes(bytes, field.offset, field.offset + field.size),
      })),
    };
    const { out } = context;
    const drawing = drawFields(bytes, fields, fault, (style, text) => out.style(style, text));
    out.data(json, [...drawing, "", verdict(path, error)].join("\n"));
  }
  return error === undefined || textconv ? EXIT.done : EXIT_OF_ERROR[error.code];
}

interface Reading {
  readonly file?: File;
  readonly error?: ImmuconfigError;
}

function read(bytes: Uint8Array): Reading {
  try {
    return { file: decodeUnverified(bytes) };
  } catch (error) {
    if (error instanceof FormatError) return { error };
    throw error;
  }
}

/** A file whose signature is not trusted is wrong, yet readable. */
function readTrusted(bytes: Uint8Array, path: string, { env }: Context): Reading {
  try {
    return { file: verifyBytes(bytes, path, env) };
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    return { ...read(bytes), error };
  }
}

function verdict(path: string, error: ImmuconfigError | undefined): string {
  if (error === undefined) return `${path} is valid`;
  const message = printable(error.message);
  return error.hint === undefined ? message : `${message}\n${error.hint}`;
}
