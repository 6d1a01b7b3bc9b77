/** The commands of `@immuconfig/server`. */

import type { Command } from "./command.ts";

export const serve = async (): Promise<Command> =>
  (await import("./commands/plane/serve.ts")).serveCommand;
