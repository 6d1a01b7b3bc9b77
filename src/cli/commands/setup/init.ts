import { requireYes } from "../../prompt/agree.ts";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { shellWord, shortList } from "../../../base/text.ts";
import { projectName } from "../../../bootstrap.ts";
import { encodeFile, registryUrl } from "../../../format/file.ts";
import { canonicalRegistryUrl } from "../../../format/registry_url.ts";
import { defineFlag } from "../../../format/edit/define_flag.ts";
import { switchFlags } from "../../../format/edit/switch_flags.ts";
import { registriesInForce } from "../../../registry/in_force.ts";
import { checkFileName } from "../../../store/bun_lockfile.ts";
import { DEFAULT_REGISTRY, defaultFile } from "../../../store/default_file.ts";
import { FILE_NAME } from "../../../store/find.ts";
import { createFile } from "../../../store/durable_write.ts";
import { commandsForTracked, refuseInPlaceOfTracked } from "../../../store/taken_away.ts";
import { twinPath } from "../../../store/twin.ts";
import { nextCommand } from "../../companions.ts";
import { readText } from "../../files/text_file.ts";
import { findTypesFiles } from "../../files/types_file.ts";
import { hasDriver } from "../git/driver/install_driver.ts";
import { ignoredNote } from "../git/ignored.ts";
import { scriptFlags } from "./project/bun_scripts.ts";
import { parseManifest } from "./project/manifest.ts";
import { readFileBytes } from "../../../store/read.ts";
import { verifyBytes } from "../../../trust/verified.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import {
  applyChange,
  type Change,
  describeChange,
  joinPlans,
  planAdditions,
  planTwin,
  planRemovals,
  type Plan,
  type Wishes,
} from "./project/project_plan.ts";
import { findMentions } from "./project/mentions.ts";
import { folderWithoutOwn, locateProject, type Project } from "./project/project.ts";
import { purge, refusePurge } from "./project/purge.ts";

/** What happens to the configuration file itself. */
type FileAction = "create" | "remove" | "keep";

interface Work extends Plan {
  /** Said when all is done. */
  readonly closing: string;
  readonly fileAction: FileAction;
  /** Carries out `fileAction`. */
  readonly applyToFile: () => Promise<void>;
}

export interface InitRequest extends Wishes {
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly undo: boolean;
  readonly purge: boolean;
  readonly registry: string | undefined;
}

export const initCommand: Command<InitRequest> = {
  usage: [
    "[--yes] [--dry-run] [--registry URL] [--wrap] [--gate] [--postinstall] [--no-text]",
    "--undo [--purge] [--yes] [--dry-run]",
  ],
  options: {
    yes: { short: "y", summary: "do not ask" },
    "dry-run": { summary: "show what would change, and change nothing" },
    registry: { value: "URL", summary: "the registry (default: the project's)" },
    wrap: { summary: "run the scripts that run Bun through bun-config exec" },
    gate: { summary: "let a bare bun install ask the record, too" },
    postinstall: { summary: "the install script for a published package, too" },
    "no-text": { summary: "keep no text twin beside the file" },
    undo: { summary: "take out again what init added, but for the file" },
    purge: { summary: "with --undo: remove the file, too" },
  },
  examples: [
    "bun-config init                      # shows the changes, then asks",
    "bun-config init --yes --registry https://registry.example.test",
    "bun-config init --undo --purge",
  ],
  parse(args) {
    args.exactly([]);
    checkCombination(args);
    return {
      yes: args.has("yes"),
      dryRun: args.has("dry-run"),
      undo: args.has("undo"),
      purge: args.has("purge"),
      registry: args.value("registry"),
      twin: !args.has("no-text"),
      postinstall: args.has("postinstall"),
      wrap: args.has("wrap"),
      gate: args.has("gate"),
    };
  },
  async run(context, request) {
    const project = locateProject(context);
    const work = request.undo
      ? planUndo(context, request, project)
      : planInit(context, request, project);
    const isNothing = work.changes.length === 0 && work.fileAction === "keep";
    const report = (done: boolean) => finish(context, project, work, done);
    if (isNothing || request.dryRun) return report(false);
    if (!request.yes) context.out.note(`${describe(context, project, work, false)}\n`);
    await requireYes(context, request.yes, "Go ahead?");
    await work.applyToFile();
    for (const change of work.changes) await applyChange(change);
    return report(true);
  },
};

/** What says what is to be added means nothing where all of it is taken away. */
const ADDING = ["registry", "wrap", "gate", "postinstall", "no-text"] as const;

function checkCombination(args: CommandArguments): void {
  if (args.has("purge") && !args.has("undo")) throw usageError("--purge goes with --undo");
  const adding = ADDING.find((name) => args.has(name) || args.value(name) !== undefined);
  if (adding !== undefined && args.has("undo")) {
    throw usageError(`--${adding} does not go with --undo`);
  }
}

function planInit(context: Context, request: InitRequest, project: Project): Work {
  const { env } = context;
  const { folder, path } = project;
  const plan = planAdditions(project, request, env);
  const closing = `Done. \`${nextCommand("doctor", env)}\` shows what else there is to do.`;
  const work = (bytes: Uint8Array, notes: readonly string[]) => {
    const twin = planTwin(path, request.twin ? bytes : undefined);
    return joinPlans([
      plan,
      twin,
      { changes: [], notes: [...notes, ...ignoredNotes(context, project)] },
    ]);
  };
  const wanted = request.registry;
  if (existsSync(path)) {
    const bytes = readFileBytes(path);
    const known = registryUrl(verifyBytes(bytes, path, env));
    const differs = wanted !== undefined && canonicalRegistryUrl(wanted) !== known;
    const note = `${path} has registry ${known} and keeps it; change it with \`bun-config set registry\`.`;
    const notes = [...(differs ? [note] : []), ...ownRecordNotes(context, project)];
    return {
      ...work(bytes, notes),
      closing,
      fileAction: "keep",
      applyToFile: async () => undefined,
    };
  }
  checkFileName(path);
  refuseInPlaceOfTracked(path, env);
  const { file, notes } = newFile(project, wanted ?? projectRegistry(folder));
  const bytes = encodeFile(file);
  const applyToFile = async () => createFile(path, bytes);
  return { ...work(bytes, notes), closing, fileAction: "create", applyToFile };
}

/** In a package below, `init` reaches the record above, and nothing would show that. */
function ownRecordNotes({ cwd, file }: Context, project: Project): string[] {
  const own = file === undefined ? folderWithoutOwn(cwd, project) : undefined;
  if (own === undefined) return [];
  const path = relative(cwd, join(own, FILE_NAME));
  return [
    `${project.path} counts for ${own}, too. A record of its own: \`bun-config init --file ${shellWord(path)}\`.`,
  ];
}

/** The registry that the project's own files name, for all who install it. */
function projectRegistry(folder: string): string {
  return registriesInForce({ env: {} }, folder, false)[0]?.url ?? DEFAULT_REGISTRY;
}

/** The default file with the flags that the project's scripts hand to Bun. */
function newFile({ folder, manifestPath }: Project, registry: string) {
  const file = defaultFile({ registry, project: projectName(folder) });
  const flags = scriptFlags(parseManifest(readText(manifestPath) ?? "")?.scripts ?? {});
  const adopted = flags.reduce((current, { name, everywhere }) => {
    const defined = defineFlag(name)(current);
    return everywhere ? switchFlags([name], true)(defined) : defined;
  }, file);
  const notes = flags.map(({ name, scripts, everywhere }) => {
    const state = everywhere ? "on" : "off, because not every script with flags has it";
    return `${name}, which ${scripts.join(", ")} hands to Bun, is a flag of the file now: ${state}. \`bun-config build\` and \`exec\` need no --feature.`;
  });
  return { file: adopted, notes };
}

function ignoredNotes({ env }: Context, { folder, name }: Project): string[] {
  const note = existsSync(folder) ? ignoredNote(folder, [name, twinPath(name)], env) : undefined;
  return note === undefined ? [] : [note];
}

function planUndo(context: Context, request: InitRequest, project: Project): Work {
  const left = { changes: [], notes: driverNotes(context, project) };
  const removals = planRemovals(project);
  const named = { changes: [], notes: mentionNotes(project, removals) };
  const plan = joinPlans([removals, planTwin(project.path, undefined), left, named]);
  const closing = "Done.";
  if (!request.purge || !existsSync(project.path)) {
    return { ...plan, closing, fileAction: "keep", applyToFile: async () => undefined };
  }
  refusePurge(context, project.path);
  const applyToFile = () => purge(context, project.path);
  const kept = { changes: [], notes: trackedNotes(context, project) };
  const whole = joinPlans([plan, planTypesRemoval(project.path), kept]);
  return { ...whole, closing, fileAction: "remove", applyToFile };
}

/** Another record of the repository may need it, so it is told and not taken. */
function driverNotes({ env }: Context, { folder }: Project): string[] {
  if (!existsSync(folder) || !hasDriver(folder, env)) return [];
  return [
    "git's driver stays in this clone, for other records of it; `bun-config git-setup --undo` takes it out.",
  ];
}

/** A later `init` makes none in the place of one that git has. */
function trackedNotes({ env }: Context, { path }: Project): string[] {
  const commands = commandsForTracked(path, env);
  if (commands === undefined) return [];
  return [
    `git still has the file: commit its removal, or \`${commands.forget}\`, before a new \`bun-config init\`.`,
  ];
}

function mentionNotes({ path }: Project, { changes }: Plan): string[] {
  const files = findMentions(path, new Map(changes.map((change) => [change.path, change.after])));
  if (files.length === 0) return [];
  return [`Take immuconfig out of what still names it, before the package: ${shortList(files)}.`];
}

/** Without the record nothing keeps the declarations up to date. */
function planTypesRemoval(path: string): Plan {
  const changes = findTypesFiles(path).map((out): Change => ({
    path: out,
    before: readText(out),
    after: undefined,
    isGenerated: true,
  }));
  return { changes, notes: [] };
}

function finish(context: Context, project: Project, work: Work, done: boolean): void {
  const { fileAction, changes, notes } = work;
  const { path } = project;
  context.out.done(
    {
      file: path,
      done,
      fileAction,
      changes: changes.map((change) => {
        const [title = "", ...diff] = describeChange(change);
        return {
          action: title.split(" ", 1)[0],
          path: change.path,
          diff: diff.map((line) => line.slice(2)),
        };
      }),
      notes,
    },
    describe(context, project, work, done),
  );
}

function describe({ out }: Context, { path }: Project, work: Work, done: boolean): string {
  const { fileAction, changes, notes } = work;
  const lines = changes.flatMap((change) => describeChange(change));
  if (fileAction !== "keep") lines.unshift(`${fileAction} ${path}`);
  const colored = lines.map((line) => {
    if (!line.startsWith(" ")) return out.style("bold", line);
    return out.style(line.startsWith("  +") ? "green" : "red", line);
  });
  if (lines.length === 0) colored.push("There is nothing to do.");
  if (notes.length > 0)
    colored.push("", ...notes.map((note) => out.style("yellow", `note: ${note}`)));
  if (done) colored.push("", work.closing);
  return colored.join("\n");
}
