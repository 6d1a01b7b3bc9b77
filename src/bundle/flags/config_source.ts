/** Where `config` of `immuconfig` comes from: the build, or the file when the program starts. */
export type ConfigSource = "built" | "file";
