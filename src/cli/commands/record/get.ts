import { PIN_VARIABLE } from "../../../runtime/children.ts";
import { fastRead } from "../../../runtime/fast_read.ts";
import type { Command } from "../../command.ts";
import { FIELDS, fieldText, FILE_FIELDS, readField } from "./record_fields.ts";

export interface GetRequest {
  /** Nothing for the whole record. */
  readonly field: string | undefined;
}

/**
 * Scripts ask for one value after another: the native library answers, and what the store and the
 * codec are needed for is loaded only where it cannot say.
 */
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
  run(context, { field }) {
    const { env, cwd, file, out } = context;
    const view =
      field === undefined ? undefined : fastRead({ env, cwd, file, pin: env[PIN_VARIABLE] });
    const value = field && view && readField(field, view.config, view.frozen);
    if (value === undefined) {
      return import("./get_from_file.ts").then((module) => module.getFromFile(context, field));
    }
    return out.data(value, fieldText(value));
  },
};
