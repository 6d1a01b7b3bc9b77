/** Variables by name: those of this process, or what a caller hands in. */
export type Environment = Readonly<Record<string, string | undefined>>;
