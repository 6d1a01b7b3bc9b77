import type { LinkStore } from "./link_store.ts";

export function recordClick(store: LinkStore, code: string): void {
  store.countClick(code);
}

export function statsResponse(store: LinkStore, code: string): Response {
  const clicks = store.clicks(code);
  return clicks === undefined
    ? Response.json({ error: "no such link" }, { status: 404 })
    : Response.json({ code, clicks, measure: "clicks since the service started" });
}
