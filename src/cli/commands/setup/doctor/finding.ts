/** What the checks of `doctor` are given, and what they give back. */

import type { Environment } from "../../../../base/environment.ts";
import { ImmuconfigError } from "../../../../base/errors.ts";
import type { File } from "../../../../format/file.ts";
import type { Project } from "../project/project.ts";

export interface Examined {
  /** The working folder, from which the paths of hints are. */
  readonly cwd: string;
  readonly project: Project;
  /** Undefined where the file is missing or broken: the checks that need it say nothing. */
  readonly file: File | undefined;
  /** With `IMMUCONFIG_PIN` as a parent process set it. */
  readonly env: Environment;
  readonly now: Date;
}

export type Level = "ok" | "warn" | "fail";

export interface Finding {
  /** What was looked at: `git`. */
  readonly topic: string;
  readonly level: Level;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Does it, for `--fix`. */
  readonly fix?: Fix | undefined;
}

/** Does away with what was found; nothing that the user has to decide. */
export type Fix = () => Promise<void>;

/** A finding without the topic, which its check knows. */
export type Observation = Omit<Finding, "topic">;

export interface Check {
  readonly topic: string;
  /** Nothing to say is no finding. What it throws becomes a failed one. */
  readonly inspect: (examined: Examined) => readonly Observation[];
}

export function ok(message: string): Observation {
  return { level: "ok", message };
}

export function warn(message: string, hint: string, fix?: Fix): Observation {
  return { level: "warn", message, hint, fix };
}

export function fail(message: string, hint: string | undefined, fix?: Fix): Observation {
  return { level: "fail", message, hint, fix };
}

/** All findings of a check, also when it could not look. */
export function examine({ topic, inspect }: Check, examined: Examined): Finding[] {
  try {
    return inspect(examined).map((observation) => ({ topic, ...observation }));
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    return [{ topic, ...fail(error.message, error.hint) }];
  }
}
