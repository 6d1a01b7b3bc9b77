/** Every check of `doctor` but that of the file itself, in the order of the report. */

import {
  bunCheck,
  flagsCheck,
  leftoversCheck,
  permissionsCheck,
  pinCheck,
  twinCheck,
  typesCheck,
} from "./file_checks.ts";
import type { Check } from "./finding.ts";
import { gitCheck } from "./git_check.ts";
import { liveCheck } from "./live_check.ts";
import { adaptersCheck, preloadCheck, scriptsCheck, taskCachesCheck } from "./project_checks.ts";
import { typesReadCheck, workspacePreloadCheck } from "./workspace_checks.ts";
import { registryCheck } from "./registry_check.ts";

export const CHECKS: readonly Check[] = [
  permissionsCheck,
  leftoversCheck,
  twinCheck,
  pinCheck,
  bunCheck,
  flagsCheck,
  liveCheck,
  registryCheck,
  scriptsCheck,
  preloadCheck,
  workspacePreloadCheck,
  adaptersCheck,
  taskCachesCheck,
  typesCheck,
  typesReadCheck,
  gitCheck,
];
