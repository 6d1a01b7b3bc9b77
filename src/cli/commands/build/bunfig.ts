/** What `bunfig.toml` says to the bundler: `Bun.build` does not read it, and `bun build` does. */

import { join } from "node:path";
import type { BuildConfig } from "bun";
import { ImmuconfigError } from "../../../base/errors.ts";
import { isObject } from "../../../base/json.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { readTextIfThere } from "../../../base/read_file.ts";
import { quote } from "../../../base/text.ts";
import { parseBunfig } from "../../../registry/bunfig_registry.ts";

type Settings = Pick<BuildConfig, "define" | "external" | "jsx" | "loader">;

/** `jsx` of bunfig.toml: Bun knows these spellings alone. */
const RUNTIMES = new Map<unknown, NonNullable<BuildConfig["jsx"]>>([
  [undefined, {}],
  ["react", { runtime: "classic" }],
  ["react-jsx", { runtime: "automatic", development: false }],
  ["react-jsxDEV", { runtime: "automatic", development: true }],
]);

/**
 * @param folder the working folder: Bun looks nowhere else
 * @param inlinesEnv the build puts variables of the environment, and of `.env` files, in their places
 * @throws ImmuconfigError `ERR_READ`, `ERR_VALUE`
 */
export function readBunfig(folder: string, inlinesEnv: boolean): Settings {
  const path = join(folder, "bunfig.toml");
  const text = readTextIfThere(path, SETTINGS_FILE_SIZE_MAX);
  if (text === undefined) return {};
  const values: Readonly<Record<string, unknown>> = parseBunfig(text, path);
  refuseUnheard(values, path, inlinesEnv);
  return bunfigSettings(values, path);
}

/** What `Bun.build` has no option for would be left out without a word. */
function refuseUnheard(
  { macros, env }: Readonly<Record<string, unknown>>,
  path: string,
  inlinesEnv: boolean,
): void {
  const isEmpty = isObject(macros) && Object.keys(macros).length === 0;
  if (macros !== undefined && macros !== true && !isEmpty) {
    throw new ImmuconfigError("ERR_VALUE", `${path}: macros reaches no build of this command`, {
      hint: 'Import them where they are used, with { type: "macro" }; or bun-config exec -- bun build …',
    });
  }
  if (inlinesEnv && (env === false || (isObject(env) && env["file"] === false))) {
    throw new ImmuconfigError("ERR_VALUE", `${path} keeps .env files out, and --env lets them in`, {
      hint: "Build without --env, give values by --define, or take env out of bunfig.toml.",
    });
  }
}

function bunfigSettings(values: Readonly<Record<string, unknown>>, path: string): Settings {
  const settings: Settings = {};
  const define = texts(values["define"], path, "define");
  if (define !== undefined) settings.define = define;
  const loader = texts(values["loader"], path, "loader");
  // Bun checks their names.
  if (loader !== undefined) settings.loader = loader as NonNullable<BuildConfig["loader"]>;
  const external = values["external"];
  if (external !== undefined) settings.external = list(external, path, "external");
  const runtime = RUNTIMES.get(values["jsx"]);
  if (runtime === undefined) {
    throw new ImmuconfigError("ERR_VALUE", `${path}: jsx is ${quote(values["jsx"])}`, {
      hint: "Bun knows react, react-jsx and react-jsxDEV there, and would not read the file either.",
    });
  }
  const jsx = {
    ...runtime,
    ...named("factory", values["jsxFactory"]),
    ...named("fragment", values["jsxFragment"]),
    ...named("importSource", values["jsxImportSource"]),
  };
  if (Object.keys(jsx).length > 0) settings.jsx = jsx;
  return settings;
}

function named(name: string, value: unknown): Record<string, string> {
  return typeof value === "string" ? { [name]: value } : {};
}

function texts(table: unknown, path: string, name: string): Record<string, string> | undefined {
  if (table === undefined) return undefined;
  const entries = isObject(table) ? Object.entries(table) : undefined;
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === "string") !== true) {
    throw new ImmuconfigError("ERR_VALUE", `${path}: [${name}] is no table of texts`, {
      hint: "Each of its values is a text, as in Bun's documentation.",
    });
  }
  return Object.fromEntries(entries);
}

/** Bun takes one name, or a list of them. */
function list(value: unknown, path: string, name: string): string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.every((one) => typeof one === "string")) return names;
  throw new ImmuconfigError("ERR_VALUE", `${path}: ${name} is no list of texts`, {
    hint: "Each of its values is a text, as in Bun's documentation.",
  });
}
