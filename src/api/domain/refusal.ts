/** What a client asked for and may not have: the status and the words of its answer. */

export const PROBLEMS = {
  "bad-request": { status: 400, title: "The request cannot be understood" },
  unauthorized: { status: 401, title: "Who are you?" },
  forbidden: { status: 403, title: "The token may not do this" },
  "not-found": { status: 404, title: "There is no such thing" },
  "method-not-allowed": { status: 405, title: "Not with this method" },
  exists: { status: 409, title: "It is there already" },
  "needs-approval": { status: 409, title: "It needs a second person" },
  stale: { status: 412, title: "It has changed since you read it" },
  "too-large": { status: 413, title: "The body is too large" },
  unprocessable: { status: 422, title: "The value breaks a rule" },
  frozen: { status: 423, title: "The environment is frozen" },
  "no-precondition": { status: 428, title: "If-Match is missing" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "A fault of the server" },
  unavailable: { status: 503, title: "It cannot be done now" },
} as const;

export type Problem = keyof typeof PROBLEMS;

export class Refusal extends Error {
  readonly problem: Problem;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, detail: string, retryAfter?: number) {
    super(detail);
    this.retryAfter = retryAfter;
    this.name = "Refusal";
    this.problem = problem;
  }
}
