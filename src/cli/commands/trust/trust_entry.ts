/** What the user trusts about the project here, and how a key is told of. */

import { hexBytes } from "../../../format/bytes.ts";
import { printable } from "../../../base/text.ts";
import { decodeUnverified, type File } from "../../../format/file.ts";
import { readFileBytes } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { keyIdOf } from "../../../trust/file_signature.ts";
import type { ProjectTrust, TrustedKey } from "../../../trust/trust_file.ts";
import { type TrustSource, trustSources } from "../../../trust/trust_store.ts";
import type { Context } from "../../command.ts";
import { locate } from "../../files/project_file.ts";

/** The file of this project as it lies there, believed in nothing yet. */
export function readUnjudged(context: Context): { path: string; bytes: Uint8Array; file: File } {
  const path = realFilePath(locate(context));
  const bytes = readFileBytes(path);
  return { path, bytes, file: decodeUnverified(bytes) };
}

export function describeKey({ publicKey, role, name, until }: TrustedKey): string {
  const words = [
    `${role} key ${hexBytes(keyIdOf(publicKey))}`,
    `public ${hexBytes(publicKey)}`,
    ...(name === undefined ? [] : [printable(name)]),
    ...(until === undefined ? [] : [`until ${until}`]),
  ];
  return words.join(", ");
}

/** What the user already trusts about a project, by its name or its folder. */
export function userEntry(
  context: Context,
  project: string,
  folder: string,
): ProjectTrust | undefined {
  const own = userSource(context)?.projects ?? [];
  return (
    own.find((entry) => entry.project === project) ??
    own.find((entry) => entry.folders.includes(folder))
  );
}

export function userSource(context: Context): TrustSource | undefined {
  return trustSources(context.env).find(({ kind }) => kind === "user");
}
