/** The OpenAPI 3.1 document of the table. */

import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { PROBLEMS, type Problem } from "../domain/refusal.ts";
import { type Answer, isChange, type Route } from "./route.ts";
import { ProblemView } from "./schemas.ts";

interface Paths {
  [path: string]: { [method: string]: unknown };
}

/** @param version of the server */
export function openApi(table: readonly Route[], version: string): unknown {
  const paths: Paths = {};
  for (const row of table) {
    const path = row.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[row.method.toLowerCase()] = operation(row);
  }
  return {
    openapi: "3.1.0",
    info: { title: "immuconfig control plane", version },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        key: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
      schemas: { Problem: toSchema(ProblemView) },
    },
  };
}

function operation(row: Route): unknown {
  const { body, role } = row;
  return {
    summary: row.summary,
    ...(role === null ? {} : { security: [{ bearer: [] }, { key: [] }], "x-role": role }),
    parameters: parameters(row),
    ...(body === undefined ? {} : { requestBody: { required: true, content: bodyContent(body) } }),
    responses: { ...problems(row), ...answers(row) },
  };
}

function answers({ status, answer, also = {} }: Route): { [status: string]: unknown } {
  const all = Object.entries({ ...also, [status]: answer });
  return Object.fromEntries(
    all.map(([key, one]) => {
      const content = answerContent(one);
      const { description } = one;
      return [key, content === undefined ? { description } : { description, content }];
    }),
  );
}

function parameters(row: Route): unknown[] {
  const { path, ignored, query = ignored, precondition } = row;
  const list: unknown[] = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  if (query !== undefined) {
    const { properties = {}, required = [] } = toSchema(query) as {
      properties?: { [name: string]: unknown };
      required?: string[];
    };
    for (const [name, schema] of Object.entries(properties)) {
      list.push({ name, in: "query", required: required.includes(name), schema });
    }
  }
  if (isChange(row)) {
    list.push({
      name: "Idempotency-Key",
      in: "header",
      required: false,
      schema: { type: "string" },
    });
  }
  if (precondition === true) {
    list.push({ name: "If-Match", in: "header", required: true, schema: { type: "string" } });
  }
  return list;
}

/** The problems that a route can answer with. */
function problems({ query, body, precondition, stopsInFreeze, path }: Route): {
  [status: string]: unknown;
} {
  const kinds: Problem[] = ["too-many-requests", "internal", "unavailable"];
  kinds.push("unauthorized", "forbidden");
  if (path.includes(":") || body !== undefined) kinds.push("not-found");
  if (query !== undefined) kinds.push("bad-request", "unprocessable");
  if (body !== undefined) kinds.push("bad-request", "exists", "too-large", "unprocessable");
  if (precondition === true) {
    kinds.push("bad-request", "stale", "no-precondition", "unprocessable");
    kinds.push("frozen", "needs-approval");
  }
  if (stopsInFreeze === true) kinds.push("frozen");
  const content = {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  };
  return Object.fromEntries(
    kinds.map((kind) => [PROBLEMS[kind].status, { description: PROBLEMS[kind].title, content }]),
  );
}

function bodyContent(body: NonNullable<Route["body"]>): unknown {
  if (body === "bytes") return { "application/octet-stream": {} };
  return { "application/json": body === "text" ? {} : { schema: toSchema(body) } };
}

function answerContent({ schema, contentType }: Answer): unknown {
  if (schema !== undefined) return { "application/json": { schema: toSchema(schema) } };
  return contentType === undefined ? undefined : { [contentType]: {} };
}

/** What valibot checks beyond JSON Schema (a trimmed text) is left out of the document. */
function toSchema(schema: v.GenericSchema): unknown {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: "ignore", typeMode: "input" });
  return rest;
}
