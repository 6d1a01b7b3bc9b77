/** Steps of `npm start`: each does something real, checks it, and says what it measured. */

let failures = 0;

export function heading(text: string): void {
  console.log(`\n${text}`);
}

/** Runs a step and prints what it returns; a step that throws is printed as failed. */
export async function step(name: string, run: () => Promise<string> | string): Promise<void> {
  const start = performance.now();
  try {
    const said = await run();
    console.log(`  ok    ${name} (${(performance.now() - start).toFixed(0)} ms)`);
    for (const line of said.split("\n")) if (line !== "") console.log(`        ${line}`);
  } catch (error) {
    failures++;
    console.log(`  FAIL  ${name}`);
    console.log(`        ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function expect(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

export function failureCount(): number {
  return failures;
}
