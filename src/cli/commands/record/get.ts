import { noSuchFlag } from "../../../format/flags.ts";
import { didYouMean } from "../../../base/suggest.ts";
import { hexCrc64 } from "../../../format/bytes.ts";
import type { File } from "../../../format/file.ts";
import { recordFromText, settingsChecksum } from "../../../format/record.ts";
import type { LiveOverride } from "../../../live/state.ts";
import type { Config } from "../../../runtime/config.ts";
import { snapshot } from "../../../runtime/snapshot.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";
import { liveOverrides, overrideJson, overrideText } from "../../output/live_overrides.ts";
import { FIELDS, fieldText, type FieldValue, FILE_FIELDS, readField } from "./record_fields.ts";

const READ_OF_FILE: Readonly<Record<(typeof FILE_FIELDS)[number], (file: File) => FieldValue>> = {
  "bun.minimum": ({ meta }) => meta.bun?.minimum ?? null,
  "upgrade.unsigned": ({ meta }) => [...(meta.upgrade?.unsigned ?? [])],
};

export interface GetRequest {
  /** Nothing for the whole record. */
  readonly field: string | undefined;
}

/** Of one field, the entry has asked the native library already (fast_get.ts). */
export const getCommand: Command<GetRequest> = {
  usage: ["[FIELD]"],
  words: [...FIELDS, ...FILE_FIELDS],
  flagPrefix: "features.",
  examples: [
    "bun-config get                       # everything",
    "bun-config get version",
    "bun-config get features.DEBUG        # true or false",
    "bun-config get registry.url",
    "bun-config get --json                # everything, for machines",
  ],
  parse: (args) => ({ field: args.atMostOne("FIELD") }),
  async run(context, { field }) {
    const opened = open(context);
    const config = snapshot(opened.file, opened.pin?.record);
    if (field === undefined) {
      const overrides = await liveOverrides(context, opened.path);
      const all = everything(opened, config, overrides);
      context.out.data(all, describe(all, overrides));
      return;
    }
    const fileField = FILE_FIELDS.find((name) => name === field);
    const value =
      fileField === undefined
        ? readField(field, config, opened.file.frozen)
        : READ_OF_FILE[fileField](opened.file);
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
    registry,
    features,
    flags: recordFromText(record).featureFlags.toString(16).padStart(8, "0"),
    terminal,
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
    const known = [...FIELDS, ...FILE_FIELDS];
    return usageError(
      `there is no field ${JSON.stringify(field)}`,
      `${didYouMean(field, known)}The fields are ${known.join(", ")}, features.NAME.`,
    );
  }
  return noSuchFlag(name, Object.keys(config.features));
}
