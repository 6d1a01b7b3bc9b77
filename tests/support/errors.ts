/** The error that an action ends in. */

/** @throws when the action ends well */
export function errorOf(action: () => unknown): unknown {
  let value: unknown;
  try {
    value = action();
  } catch (error) {
    return error;
  }
  throw new Error(`no error, but ${String(value)}`);
}

/** @throws when the action ends well */
export async function rejectionOf(action: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await action;
  } catch (error) {
    return error;
  }
  throw new Error(`no error, but ${String(value)}`);
}
