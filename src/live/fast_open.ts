/**
 * The live view of the project in one call of the native library (fast_open.zig), for a program
 * that has just started: node:fs, the codec and the writer are loaded when something changes. Where
 * this cannot say, `openLive` of view.ts gives the same.
 */

import type { Environment } from "../base/environment.ts";
import { compareBytes, parseHex } from "../format/bytes.ts";
import type { StartAddon, ViewRequest } from "../native/addon.ts";
import { libraryPath } from "../native/library.ts";
import type { LoadedRecord } from "../runtime/loaded_record.ts";
import type { LiveClock } from "./clock.ts";
import type { FollowedFiles } from "./files.ts";
import { LiveReader } from "./reader.ts";
import { runtimeFolder } from "./runtime_folder.ts";
import { type SegmentMemory, SegmentSource } from "./source.ts";
import type { LiveView } from "./view_types.ts";
import { createView } from "./view_object.ts";

/** What the library says of a valid, unsigned file whose segment is there. */
interface Opened {
  readonly loaded: LoadedRecord;
  readonly identity: string;
  /** The segment's name. */
  readonly segment: string;
  readonly descriptor: number;
}

/** What is loaded when it is needed. */
type Rest = () => typeof import("./rest.ts");

/**
 * @param rest loads what this file leaves out
 * @returns undefined when the library cannot say
 */
export function fastOpen(request: ViewRequest, rest: Rest): LiveView | undefined {
  const { env } = request;
  const folder = runtimeFolder(env);
  if (folder === undefined) return undefined;
  const module = { exports: {} as StartAddon };
  try {
    process.dlopen(module, libraryPath());
    const text = module.exports.live({ ...request, folder });
    if (text === undefined) return undefined;
    return viewOf(JSON.parse(text) as Opened, { addon: module.exports, folder, env, rest });
  } catch {
    return undefined;
  }
}

interface Surroundings {
  readonly addon: StartAddon;
  readonly folder: string;
  readonly env: Environment;
  readonly rest: Rest;
}

function viewOf(opened: Opened, { addon, folder, env, rest }: Surroundings): LiveView | undefined {
  const { loaded, segment, descriptor } = opened;
  const identity = parseHex(opened.identity) ?? new Uint8Array();
  const memory = mapped(addon, descriptor, { path: `${folder}/${segment}`, rest });
  if (memory === undefined) return undefined;
  const source = new SegmentSource(memory);
  const published = source.state()?.identity;
  if (published === undefined || compareBytes(published, identity) !== 0) {
    source.close();
    return undefined;
  }
  const clock: LiveClock = { now: Date.now, uptime: () => rest().uptimeMs() };
  let known: FollowedFiles | undefined;
  const files = (): FollowedFiles =>
    (known ??= rest().followFiles(loaded.path, { env, clock, mode: "mapped" }));
  const { features, generation, record } = loaded.config;
  const reader = new LiveReader({
    record: { identity, generation: generation ?? 0, record, features, isFixed: loaded.frozen },
    source,
    files,
    clock,
  });
  return createView(reader, (lastKnown) => files().publish(lastKnown));
}

function mapped(
  addon: StartAddon,
  descriptor: number,
  { path, rest }: { path: string; rest: Rest },
): SegmentMemory | undefined {
  const buffer = addon.liveMap(descriptor);
  if (buffer === undefined) {
    rest().closeFile(descriptor);
    return undefined;
  }
  return {
    words: new Int32Array(buffer),
    isCurrent: () => rest().isAtPath(descriptor, path),
    close() {
      addon.liveUnmap(buffer);
      rest().closeFile(descriptor);
    },
  };
}
