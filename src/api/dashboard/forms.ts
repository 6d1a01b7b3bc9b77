/** What stands in a field of a form. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

/** What went wrong, for the person who waits. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
