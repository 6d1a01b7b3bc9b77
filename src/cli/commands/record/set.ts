import { type Change } from "../../../format/edit/change.ts";
import {
  setMinimumBun,
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
import { type CommandArguments, parseNumber, unknownWord } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { formatDuration } from "../../output/output.ts";
import { change } from "../../files/project_file.ts";

interface Setting {
  readonly change: (value: string, args: CommandArguments) => Change;
  /** What was written, in words: `registryHash c8c87440`. */
  readonly describe: (file: File, args: CommandArguments) => string;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  version: {
    change: (value, args) =>
      setVersion(parseNumber(value, "config version"), args.has("allow-downgrade")),
    describe: ({ record }) => `version ${record.version} at offset ${OFFSET.configVersion}`,
  },
  registry: {
    change: (value, args) => setRegistry(value, args.value("scope")),
    describe: ({ record, meta }, args) => {
      const scope = args.value("scope") ?? DEFAULT_SCOPE;
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
  "upgrade.unsigned": {
    change: (value) => setUnsignedRegistries(value),
    describe: ({ meta }) => `upgrade.unsigned ${meta.upgrade?.unsigned.join(",") ?? "none"}`,
  },
};

export const setCommand: Command = {
  name: "set",
  summary: "change a setting",
  usage: Object.keys(SETTINGS).map((field) => `${field} VALUE`),
  words: Object.keys(SETTINGS),
  options: {
    "allow-downgrade": { type: "boolean", summary: "let the config version go down" },
    scope: { type: "string", value: "@SCOPE", summary: "set the registry of a scope" },
  },
  examples: [
    "bun-config set version 1",
    "bun-config set registry https://registry.example.test",
    "bun-config set registry https://npm.acme.test --scope @acme",
    "bun-config set terminal.cols 120",
  ],
  async run(context, args) {
    const [field, value] = args.exactly(["FIELD", "VALUE"]);
    const setting = Object.hasOwn(SETTINGS, field) ? SETTINGS[field] : undefined;
    if (setting === undefined) throw unknownWord("setting", field, Object.keys(SETTINGS));
    const update = await change(context, args, setting.change(value, args));
    const { path, before, after, nanoseconds } = update;
    const changed = before !== after;
    const what = setting.describe(after, args);
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
  },
};
