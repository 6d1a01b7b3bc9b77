import { type Change } from "../../../format/edit/change.ts";
import {
  setMinimumBun,
  setOnlineKeys,
  setProject,
  setTerminalMode,
  setTerminalSize,
  setVersion,
} from "../../../format/edit/set_fields.ts";
import { setRegistry, setUnsignedRegistries } from "../../../format/edit/set_registries.ts";
import { hex32 } from "../../../format/bytes.ts";
import type { File } from "../../../format/file.ts";
import { OFFSET } from "../../../format/layout.ts";
import { DEFAULT_SCOPE } from "../../../format/meta.ts";
import { recordToText } from "../../../format/record.ts";
import { parseNumber, unknownWord } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { formatDuration } from "../../../base/units.ts";
import { change } from "../../files/change_file.ts";

interface SetOptions {
  readonly allowDowngrade: boolean;
  readonly scope: string | undefined;
}

interface Setting {
  readonly change: (value: string, options: SetOptions) => Change;
  /** What was written, in words: `registryHash c8c87440`. */
  readonly describe: (file: File, options: SetOptions) => string;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  version: {
    change: (value, { allowDowngrade }) =>
      setVersion(parseNumber(value, "config version"), allowDowngrade),
    describe: ({ record }) => `version ${record.version} at offset ${OFFSET.configVersion}`,
  },
  project: {
    change: (value) => setProject(value),
    describe: ({ meta }) => `project ${meta.project}`,
  },
  registry: {
    change: (value, { scope }) => setRegistry(value, scope),
    describe: ({ record, meta }, { scope = DEFAULT_SCOPE }) => {
      return scope === DEFAULT_SCOPE
        ? `registryHash ${hex32(record.registryHash)}`
        : `registry of ${scope}, ${meta.registries?.[scope]},`;
    },
  },
  "terminal.mode": {
    change: (value) => setTerminalMode(value),
    describe: ({ record }) => `terminal.mode ${record.terminalMode}`,
  },
  "terminal.rows": {
    change: (value) => setTerminalSize("rows", parseNumber(value, "number of rows")),
    describe: ({ record }) => `terminal.rows ${record.rows}`,
  },
  "terminal.cols": {
    change: (value) => setTerminalSize("cols", parseNumber(value, "number of columns")),
    describe: ({ record }) => `terminal.cols ${record.cols}`,
  },
  "bun.minimum": {
    change: (value) => setMinimumBun(value),
    describe: ({ meta }) => `bun.minimum ${meta.bun?.minimum}`,
  },
  online: {
    change: (value) => setOnlineKeys(value),
    describe: ({ meta }) => `online ${meta.online?.join(",") ?? "as each host trusts"}`,
  },
  "upgrade.unsigned": {
    change: (value) => setUnsignedRegistries(value),
    describe: ({ meta }) => `upgrade.unsigned ${meta.upgrade?.unsigned.join(",") ?? "none"}`,
  },
};

export interface SetRequest {
  readonly field: string;
  readonly change: Change;
  readonly describe: (file: File) => string;
  /** Bring bunfig.toml along without a question. */
  readonly bunfig: boolean;
}

export const setCommand: Command<SetRequest> = {
  usage: Object.keys(SETTINGS).map((field) => `${field} VALUE`),
  words: Object.keys(SETTINGS),
  options: {
    "allow-downgrade": { summary: "let the config version go down" },
    scope: { value: "@SCOPE", summary: "set the registry of a scope" },
    bunfig: { summary: "write the registry into bunfig.toml, too" },
  },
  examples: [
    "bun-config set version 1",
    "bun-config set registry https://registry.example.test",
    "bun-config set registry https://npm.acme.test --scope @acme",
    "bun-config set terminal.cols 120",
  ],
  parse(args) {
    const [field, value] = args.exactly(["FIELD", "VALUE"]);
    const setting = Object.hasOwn(SETTINGS, field) ? SETTINGS[field] : undefined;
    if (setting === undefined) throw unknownWord("setting", field, Object.keys(SETTINGS));
    const options = { allowDowngrade: args.has("allow-downgrade"), scope: args.value("scope") };
    return {
      field,
      change: setting.change(value, options),
      describe: (file) => setting.describe(file, options),
      bunfig: args.has("bunfig"),
    };
  },
  async run(context, { field, change: edit, describe, bunfig }) {
    const { path, before, after, nanoseconds } = await change(context, edit);
    const changed = before !== after;
    const what = describe(after);
    context.out.done(
      {
        file: path,
        field,
        changed,
        record: recordToText(after.record),
        generation: after.generation,
        nanoseconds,
        durable: true,
      },
      changed
        ? `Wrote ${what} in ${formatDuration(nanoseconds)}, durable`
        : `${what} is set already: nothing written`,
    );
    if (field !== "registry") return;
    const { bringAlong } = await import("../install/bring_along.ts");
    await bringAlong(context, path, after, bunfig);
  },
};
