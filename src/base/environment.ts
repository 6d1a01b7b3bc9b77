/** Variables by name: those of this process, or what a caller hands in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that somebody else's text names: none is called `constructor` for being an object's. */
export function variableOf(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
