/** Waiting, without a built-in module. */

/** @param ms milliseconds */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
