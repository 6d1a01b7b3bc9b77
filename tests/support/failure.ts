import { ImmuconfigError } from "../../src/base/errors.ts";
import { rejectionOf } from "./errors.ts";

/** The error with which a promise must fail: one of immuconfig's own. */
export async function failure(promise: Promise<unknown>): Promise<ImmuconfigError> {
  const error = await rejectionOf(promise);
  if (error instanceof ImmuconfigError) return error;
  throw error;
}
