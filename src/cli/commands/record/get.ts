import { hex32, hexCrc64 } from "../../../format/bytes.ts";
import type { File } from "../../../format/file.ts";
import { recordFromText, settingsChecksum } from "../../../format/record.ts";
import type { Config } from "../../../runtime/config.ts";
import { snapshot } from "../../../runtime/snapshot.ts";
import { didYouMean } from "../../../base/suggest.ts";
import type { LiveOverride } from "../../../live/state.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { liveOverrides, overrideJson, overrideText } from "../../output/live_overrides.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";
import { FIELDS, fieldText, type FieldValue, readField } from "./record_fields.ts";

/** What no record holds, but the file around it. */
const FILE_FIELDS: Readonly<Record<string, (file: File) => FieldValue>> = {
  "bun.minimum": ({ meta }) => meta.bun?.minimum ?? null,
  "upgrade.unsigned": ({ meta }) => [...(meta.upgrade?.unsigned ?? [])],
};
const ALL_FIELDS = [...FIELDS, ...Object.keys(FILE_FIELDS)];

export const getCommand: Command = {
  name: "get",
  summary: "print the record or one of its fields",
  usage: ["[FIELD]"],
  words: ALL_FIELDS,
  flagPrefix: "features.",
  examples: [
    "bun-config get                       # everything",
    "bun-config get version",
    "bun-config get features.DEBUG        # true or false",
    "bun-config get --json                # everything, for machines",
  ],
  async run(context, args) {
    const [field, ...more] = args.operands;
    if (more.length > 0) throw usageError("expected one FIELD");
    const opened = open(context, args);
    const config = snapshot(opened.file, opened.pin?.record);
    if (field === undefined) {
      const overrides = await liveOverrides(context, opened.path);
      const all = everything(opened, config, overrides);
      context.out.data(all, describe(all, overrides));
      return;
    }
    const value = Object.hasOwn(FILE_FIELDS, field)
      ? FILE_FIELDS[field]?.(opened.file)
      : readField(field, config, opened.file.frozen);
    if (value === undefined) throw noField(field, config);
    context.out.data(value, fieldText(value));
  },
};

/** The object that `get --json` prints. */
function everything(
  { path, file }: OpenedFile,
  config: Config,
  overrides: readonly LiveOverride[],
) {
  const { record, version, registry, features, terminal, generation } = config;
  return {
    file: path,
    record,
    version,
    registry: { ...registry },
    features: { ...features },
    flags: hex32(recordFromText(record).featureFlags),
    terminal: { ...terminal },
    generation,
    frozen: file.frozen,
    signed: file.signature !== null,
    checksum: hexCrc64(settingsChecksum(recordFromText(record))),
    // Only while there is one: without, the record is all that counts.
    ...(overrides.length === 0 ? {} : { live: { overrides: overrides.map(overrideJson) } }),
  };
}

function describe(all: ReturnType<typeof everything>, overrides: readonly LiveOverride[]): string {
  const features = Object.entries(all.features).map(([name, on]) => `${name}=${on ? "on" : "off"}`);
  const state = [all.frozen ? "frozen" : "not frozen", all.signed ? "signed" : "not signed"];
  return [
    `file        ${all.file}`,
    `record      ${all.record}`,
    `version     ${all.version}`,
    `registry    ${all.registry.url ?? "(URL unknown)"} (${all.registry.hash})`,
    `features    ${features.join(" ") || "(none)"}`,
    `terminal    ${all.terminal.mode} ${all.terminal.rows}x${all.terminal.cols}`,
    `generation  ${all.generation ?? "(pinned)"}`,
    `state       ${state.join(", ")}`,
    ...(overrides.length === 0 ? [] : [`live        ${overrides.map(overrideText).join(", ")}`]),
  ].join("\n");
}

function noField(field: string, config: Config): Error {
  const name = /^features\.(.+)$/.exec(field)?.[1];
  if (name === undefined) {
    return usageError(
      `there is no field ${JSON.stringify(field)}`,
      `${didYouMean(field, ALL_FIELDS)}The fields are ${ALL_FIELDS.join(", ")}, features.NAME.`,
    );
  }
  return new ImmuconfigError("ERR_NOT_FOUND", `there is no flag ${name}`, {
    hint: `${didYouMean(name, Object.keys(config.features))}See \`bun-config feature list\`.`,
  });
}
