/** One row of the table that the server, OpenAPI and the tests are made from. */

import type * as v from "valibot";
import type { DecidedChange, Role } from "../domain/change.ts";
import type { Place } from "../domain/places.ts";
import { Refusal } from "../domain/refusal.ts";
import { type Caller, may } from "../auth/callers.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { State } from "../domain/state.ts";
import type { Decision } from "../engine.ts";
import type { Services } from "./services.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";
type Schema = v.GenericSchema;

/** What a handler is given. All of it has been checked. */
export interface Call<Query = unknown, Body = unknown> {
  readonly services: Services;
  /** The state in which the caller was let in. */
  readonly state: State;
  /** Absent where the route is for everybody. */
  readonly caller: Caller | undefined;
  readonly params: Readonly<{ [name: string]: string }>;
  readonly query: Query;
  readonly body: Body;
  /** From If-Match; 0 where the route asks for none. */
  readonly version: number;
  readonly now: number;
  readonly request: Request;
  readonly server: Bun.Server<undefined>;
  /**
   * Makes a change in the caller's name, as `Engine.change` does, as long as they may still ask for it. Only of
   * a route that is a change.
   */
  change(decide: Decision): Promise<AuditRow>;
}

export interface Answer {
  readonly description: string;
  /** Of a JSON body. */
  readonly schema?: Schema;
  /** Of a body that is not JSON. */
  readonly contentType?: string;
}

export interface Route {
  readonly method: Method;
  /** As Bun's routes have it: `/v1/projects/:project`. */
  readonly path: string;
  readonly summary: string;
  /** The least role that may call it; `any` for whoever has one anywhere; null for everybody. */
  readonly role: Role | "any" | null;
  /** Pages of other origins may call it: with a token, for cookies stay with their own. */
  readonly crossOrigin?: true;
  /** A ticket in the address does in place of a token. */
  readonly takesTicket?: true;
  readonly query?: Schema;
  /** Query parameters that a protocol lets clients send, and that change nothing: nobody looks at them. */
  readonly ignored?: Schema;
  /** Of a JSON body; `text` or `bytes` for one that the handler reads. */
  readonly body?: Schema | "text" | "bytes";
  /** Each call is an attempt to prove who somebody is. */
  readonly isAttempt?: true;
  /** It changes nothing that is kept, whatever its method. */
  readonly isReading?: true;
  /** The answer has a secret, which is shown once. */
  readonly isSecret?: true;
  /** The change is made to one version of an environment, which If-Match names. */
  readonly precondition?: true;
  /** It is refused while its environment is frozen, as all that has a precondition is. */
  readonly stopsInFreeze?: true;
  /** The answer when all goes well. */
  readonly status: number;
  readonly answer: Answer;
  /** Other answers that are no problem documents, by status. */
  readonly also?: Readonly<{ [status: number]: Answer }>;
  /** The answer to a fault of ours, where a protocol has one of its own. */
  faulty?(detail: string): Response;
  run(call: Call): Response | Promise<Response>;
}

export interface Definition<
  Query extends Schema,
  Body extends Schema | "text" | "bytes",
> extends Omit<Route, "query" | "body" | "run"> {
  readonly query?: Query;
  readonly body?: Body;
  run(
    call: Call<
      v.InferOutput<Query>,
      Body extends Schema
        ? v.InferOutput<Body>
        : Body extends "text"
          ? string
          : Uint8Array<ArrayBuffer>
    >,
  ): Response | Promise<Response>;
}

/** Binds a handler's types to its schemas. */
export function route<Query extends Schema, Body extends Schema | "text" | "bytes">(
  definition: Definition<Query, Body>,
): Route {
  return definition;
}

interface Removal extends Pick<Route, "path" | "summary"> {
  /** What is so when it was made. */
  readonly done: string;
  readonly decide: (call: Call, state: State) => DecidedChange;
}

/** An administrator takes away what the path names. */
export function removal({ path, summary, done: description, decide }: Removal): Route {
  return route({
    method: "DELETE",
    path,
    summary,
    role: "admin",
    status: 204,
    answer: { description },
    async run(call) {
      await call.change((state) => decide(call, state));
      return new Response(null, { status: 204 });
    },
  });
}

/** What the path has in the place of `:name`. */
export function paramOf({ params }: Pick<Call, "params">, name: string): string {
  return params[name] ?? "";
}

/** The environment that the path names. */
export function placeOf(call: Pick<Call, "params">): Place {
  return { project: paramOf(call, "project"), environment: paramOf(call, "environment") };
}

/** Who a change is by, as the audit log names them. */
export function actorOf(call: Pick<Call, "caller">): string {
  return callerOf(call).actor;
}

/** Who asks, of a route that is not for everybody. */
export function callerOf({ caller }: Pick<Call, "caller">): Caller {
  if (caller === undefined) throw new Refusal("unauthorized", "sign in first");
  return caller;
}

/** Whether the caller is an administrator of a place. */
export function isAdminAt(call: Pick<Call, "caller">, place: Place): boolean {
  return may(callerOf(call), "admin", place);
}

/** Whether a route changes what is kept, for somebody who has said who they are. */
export function isChange({ method, role, isReading }: Route): boolean {
  return method !== "GET" && role !== null && isReading !== true;
}
