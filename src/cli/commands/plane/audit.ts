import { resolve } from "node:path";
import { AUDIT_EXPORT_SIZE_MAX } from "../../../base/limits.ts";
import { readNamed } from "../../../base/read_file.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { ADDRESS_OPTIONS, type AddressRequest, planeServer } from "./address.ts";

/** The log is the whole server's: no project and no environment has one of its own. */
const OPTIONS = { server: ADDRESS_OPTIONS.server } as const;

/** Each action with the options that go with it. */
const ACTIONS = { verify: [], export: [] } as const;

export interface AuditRequest extends Pick<AddressRequest, "server"> {
  readonly action: keyof typeof ACTIONS;
  /** An export; nothing for the server's own log. */
  readonly file: string | undefined;
}

export const auditCommand: Command<AuditRequest> = {
  usage: ["verify [FILE]", "export"],
  words: Object.keys(ACTIONS),
  options: OPTIONS,
  takesFiles: true,
  examples: [
    "bun-config audit export > audit.jsonl          # every row, a line each",
    "bun-config audit verify audit.jsonl            # is it whole, and in one chain?",
    "bun-config audit verify                        # the server's own",
  ],
  parse(args) {
    const action = args.action("audit", ACTIONS, { always: Object.keys(OPTIONS) });
    const [, file, ...more] = args.operands;
    if (more.length > 0 || (action === "export" && file !== undefined)) {
      throw usageError("expected at most one FILE, after verify");
    }
    return { server: args.value("server"), action, file };
  },
  async run(context, request) {
    const { out } = context;
    const { checkAuditRow, EMPTY_CHAIN } = await import("../../../api/domain/audit_chain.ts");
    let head = EMPTY_CHAIN;
    for await (const row of rowsOf(context, request)) {
      const checked = checkAuditRow(head, row);
      if (request.action === "export") out.data(row as never, JSON.stringify(row));
      head = checked;
    }
    const { sequence, digest } = head;
    if (request.action === "export") return;
    out.done({ rows: sequence, digest }, `the chain of ${sequence} rows is whole, up to ${digest}`);
  },
};

async function* rowsOf(context: Context, request: AuditRequest): AsyncGenerator {
  if (request.file !== undefined) {
    yield* readExport(resolve(context.cwd, request.file));
    return;
  }
  const server = planeServer(context, request);
  let after = 0;
  while (true) {
    const rows = await server.auditRows(after);
    yield* rows;
    if (rows.length === 0) return;
    after += rows.length;
  }
}

function* readExport(path: string): Generator {
  for (const [index, line] of readNamed(path, AUDIT_EXPORT_SIZE_MAX).split("\n").entries()) {
    if (line === "") continue;
    try {
      yield JSON.parse(line);
    } catch (cause) {
      throw new ImmuconfigError("ERR_FORMAT", `${path}:${index + 1} is no JSON`, {
        cause,
        hint: "An export has one row a line.",
      });
    }
  }
}
