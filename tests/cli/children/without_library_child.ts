// A preload: the native library is there, and cannot be loaded.
const load = process.dlopen.bind(process);
process.dlopen = (module: object, path: string, flags?: number): void => {
  if (path.includes("immuconfig.")) {
    throw Object.assign(new Error(`${path}: no such machine`), { code: "ERR_DLOPEN_FAILED" });
  }
  load(module, path, flags);
};
