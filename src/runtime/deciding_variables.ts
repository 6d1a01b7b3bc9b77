/**
 * The variables that decide which record a program has and whom it believes. Bun adds a project's
 * `.env` files to the environment, and no file of a project has a say in that: they count as they were
 * when the process was started (src/base/start_environment.ts). `HOME` is no such variable: whoever has
 * one has it before any file is read.
 */

export const DECIDING_VARIABLES = [
  "IMMUCONFIG_PIN",
  "IMMUCONFIG_PIN_SETTERS",
  "IMMUCONFIG_FILE",
  "IMMUCONFIG_TRUST",
  "IMMUCONFIG_TRUSTED_KEYS",
  "IMMUCONFIG_RUNTIME_DIR",
  "XDG_CONFIG_HOME",
  "XDG_STATE_HOME",
];
