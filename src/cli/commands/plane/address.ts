/** Which server, project and environment a command talks to. */

import { type PlaneAddress, PlaneClient } from "../../../agent/plane_client.ts";
import { PlaneServer, type ServerAddress } from "../../../agent/plane_server.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { TOKEN_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { readNamed } from "../../../base/read_file.ts";
import type { File } from "../../../format/file.ts";
import type { CommandArguments, OptionSpec } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { open } from "../../files/project_file.ts";

export const ADDRESS_OPTIONS = {
  server: { value: "URL", summary: "the control plane (IMMUCONFIG_SERVER)" },
  project: { value: "NAME", summary: "there (default: the record's project; IMMUCONFIG_PROJECT)" },
  env: { value: "NAME", summary: "of the project (IMMUCONFIG_ENVIRONMENT)" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** What the command line says of the address. */
export interface AddressRequest {
  readonly server: string | undefined;
  readonly project: string | undefined;
  readonly environment: string | undefined;
}

export function parseAddress(args: CommandArguments): AddressRequest {
  return {
    server: args.value("server"),
    project: args.value("project"),
    environment: args.value("env"),
  };
}

/**
 * The client of a command. Options come before the environment, and the environment before the
 * record; the token stands in the environment, or in a file that it names, and never in an option.
 *
 * @param file the project's, where the command has opened it; else it is looked for where its name is needed
 * @throws ImmuconfigError `ERR_USAGE` where something is missing; `ERR_VALUE`, `ERR_READ`; what opening the file
 * throws
 */
export function planeClient(context: Context, request: AddressRequest, file?: File): PlaneClient {
  const isNamed = projectOf(context, request) !== undefined;
  const known = file ?? (isNamed ? undefined : open(context).file);
  return new PlaneClient(planeAddress(context, request, known));
}

/**
 * For a command that is about the whole server.
 *
 * @throws ImmuconfigError `ERR_USAGE` where something is missing; `ERR_VALUE`, `ERR_READ`
 */
export function planeServer(
  context: Context,
  request: Pick<AddressRequest, "server">,
): PlaneServer {
  return new PlaneServer(serverAddress(context, request));
}

/** @throws ImmuconfigError `ERR_USAGE` where something is missing; `ERR_READ` */
export function planeAddress(
  context: Context,
  request: AddressRequest,
  file: File | undefined,
): PlaneAddress {
  return {
    ...planePlace(context, request, file),
    ...serverAddress(context, request),
  };
}

function serverAddress(context: Context, request: Pick<AddressRequest, "server">): ServerAddress {
  const server = serverOf(context, request);
  const token = readToken(context.env);
  return {
    server: given(server, "the control plane is not named", "--server URL or IMMUCONFIG_SERVER"),
    token: given(
      token,
      "there is no token",
      "IMMUCONFIG_TOKEN, or the path of a file that holds one: IMMUCONFIG_TOKEN_FILE",
    ),
  };
}

/** The control plane's address, where one is named. */
export function serverOf(
  { env }: Context,
  { server }: Pick<AddressRequest, "server">,
): string | undefined {
  return server ?? env["IMMUCONFIG_SERVER"];
}

/**
 * What a command follows, wherever it hears of it.
 *
 * @throws ImmuconfigError `ERR_USAGE` where something is missing
 */
export function planePlace(
  context: Context,
  request: AddressRequest,
  file: File | undefined,
): Pick<PlaneAddress, "project" | "environment"> {
  const project = projectOf(context, request) ?? file?.meta.project;
  const environment = request.environment ?? context.env["IMMUCONFIG_ENVIRONMENT"];
  return {
    project: given(project, "the project is not named", "--project NAME or IMMUCONFIG_PROJECT"),
    environment: given(
      environment,
      "the environment is not named",
      "--env NAME or IMMUCONFIG_ENVIRONMENT",
    ),
  };
}

/** The project, where the command line or the environment names one. */
function projectOf({ env }: Context, { project }: AddressRequest): string | undefined {
  return project ?? env["IMMUCONFIG_PROJECT"];
}

/** Nothing was pushed there yet. */
export function noRecord({ name }: PlaneClient): ImmuconfigError {
  return new ImmuconfigError("ERR_NOT_FOUND", `${name} has no record`, {
    hint: "Push one: bun-config push.",
  });
}

function readToken(env: Context["env"]): string | undefined {
  const path = env["IMMUCONFIG_TOKEN_FILE"] ?? "";
  if (path === "") return env["IMMUCONFIG_TOKEN"];
  return readNamed(path, TOKEN_FILE_SIZE_MAX).trim();
}

function given(value: string | undefined, what: string, how: string): string {
  if (value !== undefined && value !== "") return value;
  throw new ImmuconfigError("ERR_USAGE", what, { hint: `Give ${how}.` });
}
