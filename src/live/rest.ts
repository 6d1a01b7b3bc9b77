/** What a live view needs when its fast open could not say, or says no more: loaded then, as one file. */

export { closeFile, followFiles, isAtPath, uptimeMs } from "./files.ts";
export { openLive, openProject } from "./view.ts";
