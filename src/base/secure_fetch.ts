/** The one way to another machine. */

import { startEnvironment } from "./start_environment.ts";

const PROXY_VARIABLE = /^(?:https?|all|no)_proxy$/i;

/**
 * `fetch`, whose checks of certificates nothing can switch off, by the proxies that the user named:
 * those of a project's `.env` do not count, nor does `NODE_TLS_REJECT_UNAUTHORIZED`.
 */
export function secureFetch(url: string | URL, init: RequestInit): Promise<Response> {
  ignoreAddedProxies();
  return fetch(url, { ...init, tls: { rejectUnauthorized: true } });
}

function ignoreAddedProxies(): void {
  const names = Object.keys(process.env).filter((name) => PROXY_VARIABLE.test(name));
  if (names.length === 0) return;
  const started = startEnvironment(process.env, process.cwd());
  for (const name of names) if (started[name] === undefined) delete process.env[name];
}
