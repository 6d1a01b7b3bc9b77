/**
 * The bulk answers of environments. What is the same for everybody is put into words once a state; what
 * depends on who asks, at each request.
 */

import { ticketFor } from "../auth/tickets.ts";
import type { Place } from "../domain/places.ts";
import { type FlagState, flagStates } from "../domain/flags.ts";
import type { Environment, Token } from "../domain/state.ts";
import type { File } from "../../format/file.ts";
import { type Context, dependsOnContext, evaluable, evaluate } from "./evaluate.ts";

/** Seconds without an event after which a client looks by itself. */
const INACTIVITY_SECONDS = 120;

/** What an environment answers until it changes. */
interface Prepared {
  /** Milliseconds since 1970: an override ends then. */
  readonly until: number;
  /** Flags as JSON, and those that have to be evaluated. */
  readonly flags: readonly (string | FlagState)[];
  /** The end of the body, by the token that asks. */
  readonly ends: WeakMap<Token, string>;
  /** Whole answers, by the token that asks; only where none depends on the context. */
  readonly whole: WeakMap<Token, WholeAnswer> | undefined;
}

/** What a request is answered with. */
interface BulkAnswer {
  readonly etag: string;
  /** Each time another. */
  readonly give: () => Response;
}

/** Who asks, and what they sent. */
interface Asked {
  /** Nothing for a session, which can have no address of an event stream. */
  readonly token: Token | undefined;
  readonly context: Context;
  /** The whole body. */
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export class BulkAnswers {
  readonly #prepared = new WeakMap<Environment, Prepared>();

  /**
   * @param file the environment's newest record; nothing where none was pushed
   */
  answer(
    place: Place,
    environment: Environment,
    file: File | undefined,
    { token, context, body, now }: Asked,
  ): BulkAnswer {
    let prepared = this.#prepared.get(environment);
    if (prepared === undefined || prepared.until <= now) {
      prepared = prepare(environment, file, now);
      this.#prepared.set(environment, prepared);
    }
    const { whole } = prepared;
    const known = token === undefined ? undefined : whole?.get(token);
    if (known !== undefined) return known.to(body);
    const flags = prepared.flags.map((flag) =>
      typeof flag === "string" ? flag : JSON.stringify(evaluate(flag, environment, context)),
    );
    const text = `{"flags":[${flags.join()}],${endOf(prepared, token, place)}`;
    const made = new WholeAnswer(text);
    if (token !== undefined) whole?.set(token, made);
    return made.to(body);
  }
}

/** Clients ask again and again with the same body: what it was answered with is kept for the next time. */
class WholeAnswer {
  /** What is sent: a text would be put into bytes for each request. */
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** Of them: 22 letters. */
  readonly #digest: string;
  #last: (BulkAnswer & { readonly body: string }) | undefined;

  /** @param text JSON */
  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
    this.#digest = new Bun.CryptoHasher("sha256")
      .update(this.#bytes)
      .digest("base64url")
      .slice(0, 22);
  }

  /** The tag covers what was sent, too: clients keep a tag when only an attribute of theirs changes. */
  to(body: string): BulkAnswer {
    if (this.#last?.body === body) return this.#last;
    const etag = `"${this.#digest}-${Bun.hash(body).toString(36)}"`;
    const headers = { etag, "content-type": "application/json" };
    const answer = new Response(this.#bytes, { headers });
    // A copy costs a third of a new one.
    this.#last = { body, etag, give: () => answer.clone() as Response };
    return this.#last;
  }
}

function prepare(environment: Environment, file: File | undefined, now: number): Prepared {
  const states = file === undefined ? [] : evaluable(flagStates(file, environment, now));
  const flags = states.map((flag) =>
    dependsOnContext(flag, environment) ? flag : JSON.stringify(evaluate(flag, environment, {})),
  );
  const ends = [...environment.overrides.values()].flatMap(({ until }) =>
    until !== null && until > now ? [until] : [],
  );
  const isSame = flags.every((flag) => typeof flag === "string");
  return {
    until: Math.min(Number.POSITIVE_INFINITY, ...ends),
    flags,
    ends: new WeakMap(),
    whole: isSame ? new WeakMap() : undefined,
  };
}

/** Where the client hears of changes: an address that needs no header. */
function endOf({ ends }: Prepared, token: Token | undefined, place: Place): string {
  if (token === undefined) return '"eventStreams":[]}';
  const known = ends.get(token);
  if (known !== undefined) return known;
  const { project, environment } = place;
  const path = `/v1/projects/${project}/environments/${environment}/events`;
  const endpoint = { requestUri: `${path}?ticket=${ticketFor(token, place)}` };
  const stream = { type: "sse", endpoint, inactivityDelaySec: INACTIVITY_SECONDS };
  const end = `"eventStreams":[${JSON.stringify(stream)}]}`;
  ends.set(token, end);
  return end;
}
