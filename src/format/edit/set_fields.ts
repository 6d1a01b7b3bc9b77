/** Sets the settings that are one value each. Pure. */

import { parseVersion } from "../../base/version.ts";
import { ImmuconfigError, valueError } from "../../base/errors.ts";
import {
  CONFIG_VERSION_MAX,
  PROJECT_NAME_SIZE_MAX,
  SIGNED_NAME_COUNT_MAX,
} from "../../base/limits.ts";
import { didYouMean } from "../../base/suggest.ts";
import { quote } from "../../base/text.ts";
import { isKeyText, isPlainText } from "../meta.ts";
import { TERMINAL_MODES, type TerminalMode } from "../record.ts";
import { type Change, withRecord, withMeta } from "./change.ts";

/**
 * @param version 0 or 1
 * @throws ImmuconfigError `ERR_VALUE`, `ERR_DOWNGRADE`
 */
export function setVersion(version: number, allowDowngrade: boolean): Change {
  if (!Number.isInteger(version) || version < 0 || version > CONFIG_VERSION_MAX) {
    throw valueError(
      `${version} is not a config version`,
      `It is a number from 0 to ${CONFIG_VERSION_MAX}.`,
    );
  }
  return (file) => {
    if (version < file.record.version && !allowDowngrade) {
      throw new ImmuconfigError(
        "ERR_DOWNGRADE",
        `the config version would go down from ${file.record.version} to ${version}`,
        { hint: "If that is meant, add --allow-downgrade." },
      );
    }
    return withRecord(file, { version });
  };
}

/** @throws ImmuconfigError `ERR_VALUE` for a name that is no plain text */
export function setProject(project: string): Change {
  if (!isPlainText(project, PROJECT_NAME_SIZE_MAX)) {
    throw valueError(
      "a project's name has no control characters, and is neither empty nor too long",
      `It has 1 to ${PROJECT_NAME_SIZE_MAX} bytes.`,
    );
  }
  return (file) => (file.meta.project === project ? file : withMeta(file, { project }));
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function setTerminalMode(mode: string): Change {
  const known = TERMINAL_MODES.find((candidate): candidate is TerminalMode => candidate === mode);
  if (known === undefined) {
    throw valueError(
      `${quote(mode)} is not a terminal mode`,
      `${didYouMean(mode, TERMINAL_MODES)}A mode is one of ${TERMINAL_MODES.join(", ")}.`,
    );
  }
  return (file) => withRecord(file, { terminalMode: known });
}

/**
 * @param size 0 to 255; 0 takes the terminal's own
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setTerminalSize(dimension: "rows" | "cols", size: number): Change {
  if (!Number.isInteger(size) || size < 0 || size > 0xff) {
    throw valueError(
      `${size} is not a number of ${dimension}`,
      "It is a number from 0 to 255; 0 takes the terminal's own.",
    );
  }
  return (file) => withRecord(file, { [dimension]: size });
}

/**
 * @param version `MAJOR.MINOR.PATCH`
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setMinimumBun(version: string): Change {
  if (parseVersion(version) === undefined) {
    throw valueError(`${quote(version)} is not a version`, "It looks like 1.4.5.");
  }
  return (file) =>
    file.meta.bun?.minimum === version ? file : withMeta(file, { bun: { minimum: version } });
}

/**
 * Names the keys that may sign sets of overrides for the file, in place of those named before.
 *
 * @param list raw public keys in hex, with commas; empty to leave it to each host whom it trusts
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setOnlineKeys(list: string): Change {
  const online = [...new Set(list.split(",").map((key) => key.trim().toLowerCase()))]
    .filter((key) => key !== "")
    .toSorted((a, b) => (a < b ? -1 : 1));
  const wrong = online.find((key) => !isKeyText(key));
  if (wrong !== undefined) {
    throw valueError(
      `${quote(wrong)} is no public key`,
      "A control plane shows its own, 64 hex digits, at /v1/online-key.",
    );
  }
  if (online.length > SIGNED_NAME_COUNT_MAX) {
    throw valueError(
      `these are ${online.length} keys`,
      `There are at most ${SIGNED_NAME_COUNT_MAX}.`,
    );
  }
  return (file) => {
    const { online: before, ...meta } = file.meta;
    if ((before ?? []).join() === online.join()) return file;
    return { ...file, meta: online.length === 0 ? meta : { ...meta, online } };
  };
}

export function setFrozen(frozen: boolean): Change {
  return (file) => (file.frozen === frozen ? file : { ...file, frozen });
}
