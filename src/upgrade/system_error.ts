import { ImmuconfigError, systemCode } from "../base/errors.ts";

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOSPC: ["the disk is full", "Make room and run the command again."],
  EDQUOT: ["the disk quota is used up", "Make room and run the command again."],
  EACCES: ["permission denied", "Run the command as the owner of that folder."],
  EPERM: ["permission denied", "Run the command as the owner of that folder."],
  EROFS: ["the file system is read-only", "Choose another folder with --to PATH."],
};

/**
 * Says why a file could not be written.
 *
 * @param doing What was being done, such as "unpack the release".
 */
export function writeError(doing: string, path: string, cause: unknown): ImmuconfigError {
  if (cause instanceof ImmuconfigError) return cause;
  const code = systemCode(cause);
  const [reason, hint] = REASONS[code ?? ""] ?? [code ?? String(cause), undefined];
  return new ImmuconfigError("ERR_WRITE", `cannot ${doing} in ${path}: ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
