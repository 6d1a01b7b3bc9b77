/** What `doctor` looks at in the configuration file and beside it. */

import { runningBun } from "../../../../base/bun_version.ts";
import { accessSync, chmodSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cannotWrite } from "../../../../base/fs_errors.ts";
import { flagMeta, isRetired } from "../../../../format/file.ts";
import { recordToText } from "../../../../format/record.ts";
import { PIN_OFF, PIN_VARIABLE } from "../../../../runtime/children.ts";
import { findPin } from "../../../../runtime/pin.ts";
import { dayOf } from "../../../../base/units.ts";
import { requireMinimumBun } from "../../../../base/version.ts";
import { shellWord } from "../../../../base/text.ts";
import { readText, writeText } from "../../../files/text_file.ts";
import { applyPlan, planTwin } from "../project/project_plan.ts";
import { findTypesFiles, typesText } from "../../../files/types_file.ts";
import { removeFile } from "../../../../store/durable_write.ts";
import { withLock } from "../../../../store/lock.ts";
import { readFileBytes } from "../../../../store/read.ts";
import { REWRITE_TWIN, twinPath, twinState } from "../../../../store/twin.ts";
import { type Check, fail, ok, warn } from "./finding.ts";

const WRITABLE_BY_OTHERS = 0o022;

export const permissionsCheck: Check = {
  topic: "permissions",
  inspect({ project: { path, folder }, file }) {
    if (file === undefined) return [];
    const findings = [];
    const { mode } = statSync(path);
    if (process.platform !== "win32" && (mode & WRITABLE_BY_OTHERS) !== 0) {
      const text = (mode & 0o777).toString(8);
      findings.push(
        warn(
          `other users may write the file (mode ${text})`,
          `chmod 644 ${shellWord(path)}`,
          async () => closeToOthers(path, mode),
        ),
      );
    }
    if (!isWritable(folder)) {
      findings.push(
        warn(
          `${folder} cannot be written to: the record cannot change here`,
          "Fine for a deployment.",
        ),
      );
    }
    return findings.length === 0 ? [ok("the file can be read and changed")] : findings;
  },
};

/** @throws ImmuconfigError `ERR_WRITE` */
function closeToOthers(path: string, mode: number): void {
  try {
    chmodSync(path, mode & 0o777 & ~WRITABLE_BY_OTHERS);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

export const leftoversCheck: Check = {
  topic: "leftovers",
  inspect({ project: { folder, name } }) {
    if (!existsSync(folder)) return [];
    const left = readdirSync(folder).filter(
      (entry) => entry.startsWith(`.${name}.`) && entry.endsWith(".new"),
    );
    return left.map((entry) =>
      warn(
        `${join(folder, entry)} was left by a writer that was killed`,
        `rm ${shellWord(join(folder, entry))}`,
        // A writer that is at work holds the lock, and has such a file.
        () => withLock(folder, () => removeFile(join(folder, entry))),
      ),
    );
  },
};

export const twinCheck: Check = {
  topic: "text twin",
  inspect({ project: { path }, file }) {
    if (file === undefined) return [];
    const twin = twinPath(path);
    const state = twinState(path, readFileBytes(path));
    if (state === "true") return [ok(`${twin} says what the file says`)];
    if (state === "none") return [ok("the file has no text twin")];
    return [
      fail(`${twin} does not say what the file says`, REWRITE_TWIN, async () =>
        applyPlan(planTwin(path, readFileBytes(path))),
      ),
    ];
  },
};

export const pinCheck: Check = {
  topic: "pin",
  inspect({ project: { path }, file, env }) {
    if (env[PIN_VARIABLE] === PIN_OFF)
      return [ok(`pins are switched off (${PIN_VARIABLE}=${PIN_OFF})`)];
    if (file === undefined) return [];
    const pin = findPin(env, path);
    if (pin === undefined) return [ok("no parent process pinned the record")];
    const record = recordToText(pin.record);
    if (record === recordToText(file.record)) {
      return [ok(`a parent process pinned record ${record}: it cannot be changed from here`)];
    }
    return [
      warn(
        `a parent process pinned record ${record}, and the file says ${recordToText(file.record)} by now`,
        `Start that process anew, or unset ${PIN_VARIABLE}.`,
      ),
    ];
  },
};

export const flagsCheck: Check = {
  topic: "flags",
  inspect({ file, now }) {
    if (file === undefined) return [];
    const today = dayOf(now);
    const expired = file.flags.filter(({ name }) => {
      const expires = flagMeta(file, name).expires;
      return expires !== undefined && expires < today && !isRetired(file, name);
    });
    if (expired.length === 0) return [ok("no flag has expired")];
    return expired.map(({ name }) =>
      warn(
        `${name} expired on ${flagMeta(file, name).expires}`,
        `Take it out of the sources and \`bun-config feature retire ${name}\`, or set a later date.`,
      ),
    );
  },
};

export const bunCheck: Check = {
  topic: "bun",
  inspect({ file }) {
    if (file === undefined) return [];
    const minimum = file.meta.bun?.minimum;
    const version = runningBun();
    requireMinimumBun(version, minimum);
    const runtime = version === undefined ? `Node ${process.versions.node}` : `Bun ${version}`;
    const asked = minimum === undefined ? "" : `, at least Bun ${minimum} is asked for`;
    return [ok(runtime + asked)];
  },
};

export const typesCheck: Check = {
  topic: "types",
  inspect({ project: { path }, file }) {
    if (file === undefined) return [];
    return findTypesFiles(path).map((out) =>
      readText(out) === typesText(file, path, out)
        ? ok(`${out} is up to date`)
        : warn(`${out} is out of date`, "Write it with `bun-config types`.", async () =>
            writeText(out, typesText(file, path, out), readText(out)),
          ),
    );
  },
};

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
