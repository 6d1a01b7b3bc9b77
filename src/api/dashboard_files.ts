/** The dashboard as it was built, with the headers that bind it. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { OWN_FOLDER } from "../base/package_root.ts";
import { problem } from "./http/answers.ts";
import { urlOf } from "./request_url.ts";

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/** It is built into the server's package, also for sources that run as they are. */
const FOLDER = join(
  OWN_FOLDER,
  ...(import.meta.path.endsWith(".ts") ? ["packages", "server"] : []),
  "dist/api/dashboard",
);

/** Their names hold a hash of their content. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** By path. A response that is not bound to a method would be the answer to each. */
interface Files {
  readonly [path: string]: { readonly GET: Response };
}

/** @returns the page at `/` and what it loads, by path; nothing where the dashboard was not built */
export function dashboardRoutes(): Files {
  if (!existsSync(join(FOLDER, "index.html"))) return {};
  const routes: { -readonly [path in keyof Files]: Files[path] } = {};
  for (const name of readdirSync(FOLDER)) {
    const isPage = name === "index.html";
    const file = new Response(readFileSync(join(FOLDER, name)), {
      headers: {
        ...HEADERS,
        "content-type": Bun.file(name).type,
        "cache-control": isPage ? "no-cache" : FOR_EVER,
      },
    });
    routes[isPage ? "/" : `/${name}`] = { GET: file };
  }
  return routes;
}

/** The answer to what no route takes: another method of a file of the dashboard, or another path. */
export function answerToOthers(files: Files, request: Request): Response {
  if (files[urlOf(request).pathname] === undefined) {
    return problem("not-found", "see /openapi.json for what there is");
  }
  const allow = "GET, HEAD";
  return problem("method-not-allowed", `this takes ${allow}`, { allow });
}
