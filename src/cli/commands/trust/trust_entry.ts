/** What the user trusts about the project here, and how a key is told of. */

import { ImmuconfigError } from "../../../base/errors.ts";
import { hexBytes } from "../../../format/bytes.ts";
import { printable } from "../../../base/text.ts";
import { decodeUnverified, type File } from "../../../format/file.ts";
import { readFileBytes } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { keyIdOf } from "../../../trust/file_signature.ts";
import type { ProjectTrust, TrustedKey } from "../../../trust/trust_file.ts";
import { trustSources } from "../../../trust/trust_store.ts";
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

/** What is already trusted about a project, by its name or its folder. */
export function entryFor(
  projects: readonly ProjectTrust[],
  project: string,
  folder: string,
): ProjectTrust | undefined {
  return (
    projects.find((entry) => entry.project === project) ??
    projects.find((entry) => entry.folders.includes(folder))
  );
}

/** What the user trusts, about every project. */
export function userProjects({ env }: Context): readonly ProjectTrust[] {
  return trustSources(env).find(({ kind }) => kind === "user")?.projects ?? [];
}

/** @throws ImmuconfigError `ERR_KEY` */
export function requireNotRevoked({ revoked }: ProjectTrust, publicKey: Uint8Array): void {
  const hex = hexBytes(publicKey);
  const gone = revoked.find((key) => hexBytes(key.publicKey) === hex);
  if (gone === undefined) return;
  const id = hexBytes(keyIdOf(publicKey));
  throw new ImmuconfigError("ERR_KEY", `key ${id} was revoked on ${gone.on}`, {
    hint: "A revoked key stays revoked: ask its owner for the new one.",
  });
}
