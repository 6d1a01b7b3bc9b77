/** Where a server listens and keeps its data when nothing else is said. */
export const DEFAULT_PORT = 8737;
export const DEFAULT_HOST = "127.0.0.1";
/** Below the folder that it is started in. */
export const DEFAULT_DATA = "immuconfig-data";
export const PORT_MAX = 65_535;
