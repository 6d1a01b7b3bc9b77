/** Whether a process runs on a person's machine, to be told things, or somewhere that nobody watches. */

import type { Environment } from "./environment.ts";

/** One of them is set by every well-known service. */
const CI_VARIABLES = [
  "CI",
  "CONTINUOUS_INTEGRATION",
  "BUILD_NUMBER",
  "TF_BUILD",
  "TEAMCITY_VERSION",
  "JENKINS_URL",
  "CODEBUILD_BUILD_ID",
];

/** Whether a variable is set to more than a no. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}

export function isUnderCi(env: Environment): boolean {
  return CI_VARIABLES.some((name) => isSet(env[name]));
}
