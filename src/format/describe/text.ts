/** A file as lines of text: what `inspect --text` prints, and what its twin holds. Pure. */

import { digest, sha256 } from "../../base/digest.ts";
import { FormatError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import { decodeUnverified } from "../file.ts";
import { describeFile } from "./facts.ts";

/** What the name of a file's twin has behind the file's own. */
export const TWIN_SUFFIX = ".txt";

/** What the last line of a text starts with. */
const BLOB = "git-blob ";

/**
 * One fact a line, in a stable order; of a broken file, why it is broken.
 *
 * @param bytes of a file
 */
export function factText(bytes: Uint8Array): string {
  try {
    const facts = describeFile(decodeUnverified(bytes));
    return [...facts].map(([name, value]) => `${name} ${value}\n`).join("");
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return `not valid: ${printable(error.message)}\nsha256 ${sha256(bytes)}\n`;
  }
}

/**
 * {@link factText}, and git's name of the bytes: the text belongs to these bytes and no others, and
 * whoever has it in a repository can get them.
 *
 * @example twinText(bytes).endsWith("git-blob 2c7c…\n")
 */
export function twinText(bytes: Uint8Array): string {
  return `${factText(bytes)}${BLOB}${digest("sha1", `blob ${bytes.length}\0`, bytes)}\n`;
}

/** Git's name of the bytes that a text is about; undefined for another text. */
export function blobOfText(text: string): string | undefined {
  return /\ngit-blob ([0-9a-f]{40})\n$/.exec(text)?.[1];
}
