/** How a folder is opened, to be synced: Windows syncs only what may be written. */
export const FOLDER_FLAGS = process.platform === "win32" ? "r+" : "r";
