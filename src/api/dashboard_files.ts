/** The dashboard as it was built, with the headers that bind it. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../base/package_root.ts";

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
  ownFolder(),
  ...(import.meta.path.endsWith(".ts") ? ["packages", "server"] : []),
  "dist/api/dashboard",
);

/** Their names hold a hash of their content. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** @returns the page at `/` and what it loads, by path; nothing where the dashboard was not built */
export function dashboardRoutes(): { [path: string]: Response } {
  if (!existsSync(join(FOLDER, "index.html"))) return {};
  const routes: { [path: string]: Response } = {};
  for (const name of readdirSync(FOLDER)) {
    const isPage = name === "index.html";
    routes[isPage ? "/" : `/${name}`] = new Response(readFileSync(join(FOLDER, name)), {
      headers: {
        ...HEADERS,
        "content-type": Bun.file(name).type,
        "cache-control": isPage ? "no-cache" : FOR_EVER,
      },
    });
  }
  return routes;
}
