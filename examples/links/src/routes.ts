import { feature } from "bun:bundle";
import { recordClick, statsResponse } from "./click_stats.ts";
import type { LinkStore } from "./link_store.ts";
import { logRequest } from "./request_log.ts";

const URL_LENGTH_MAX = 2048;

/** Answers every request of the service. */
export async function handle(request: Request, store: LinkStore): Promise<Response> {
  if (feature("DEBUG")) logRequest(request);
  const [, first, code, last] = new URL(request.url).pathname.split("/");
  if (request.method === "POST" && first === "links" && code === undefined) {
    return addLink(request, store);
  }
  if (request.method !== "GET") return Response.json({ error: "not allowed" }, { status: 405 });
  if (first === "links" && code !== undefined && last === "stats") {
    if (feature("CLICK_STATS")) return statsResponse(store, code);
  }
  const url = first === undefined ? undefined : store.find(first);
  if (first === undefined || url === undefined) {
    return Response.json({ error: "no such link" }, { status: 404 });
  }
  if (feature("CLICK_STATS")) recordClick(store, first);
  return Response.redirect(url, 302);
}

async function addLink(request: Request, store: LinkStore): Promise<Response> {
  const url = (await request.text()).trim();
  if (url.length > URL_LENGTH_MAX || !URL.canParse(url) || !/^https?:/.test(url)) {
    return Response.json({ error: "the body must be an http or https URL" }, { status: 400 });
  }
  return Response.json({ code: store.add(url) }, { status: 201 });
}
