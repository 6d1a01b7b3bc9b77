import { readFileBytes } from "../../../store/read.ts";
import type { Command } from "../../command.ts";
import { open } from "../../files/project_file.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";

export interface PushRequest extends AddressRequest {
  /** Whether a missing project or environment is created. */
  readonly create: boolean;
}

export const pushCommand: Command<PushRequest> = {
  usage: ["[--server URL] [--project NAME] [--env NAME] [--create]"],
  options: {
    ...ADDRESS_OPTIONS,
    create: { type: "boolean", summary: "create the project and the environment" },
  },
  examples: [
    "bun-config push --server https://flags.example.test --env live --create",
    "IMMUCONFIG_TOKEN_FILE=token bun-config push",
  ],
  parse(args) {
    args.exactly([]);
    return { ...parseAddress(args), create: args.has("create") };
  },
  async run(context, request) {
    const { path, file } = open(context);
    const client = planeClient(context, request, file);
    if (request.create) await client.create();
    const { version, record } = await client.environment();
    if (record?.generation === file.generation) {
      context.out.done(
        { pushed: false },
        `${client.name} has generation ${file.generation} already`,
      );
      return;
    }
    await client.push(readFileBytes(path), version);
    const { generation } = file;
    context.out.done(
      { pushed: true, generation },
      `pushed generation ${generation} to ${client.name}`,
    );
  },
};
