/** What each flag adds to a bundle that was pushed. */

import * as v from "valibot";
import { findEnvironment, keepLedger, requireThawed } from "../domain/decide.ts";
import { Refusal } from "../domain/refusal.ts";
import { CACHED_BY_TAG, json, unlessKnown } from "../http/answers.ts";
import { Count, FlagName } from "../http/basic_schemas.ts";
import { placeOf, type Route, route } from "../http/route.ts";
import { urlOf } from "../request_url.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";
import { runRoutes, runSchema } from "./run_routes.ts";

const LEDGERS_PATH = `${ENVIRONMENT_PATH}/ledgers`;
const Run = runSchema({ ledger: v.string(), built: Count });
/** Bytes; negative where something is smaller with a flag than without. */
const Bytes = v.pipe(v.number(), v.safeInteger());
const Size = v.object({ raw: Bytes, gzip: Bytes });
const Kept = v.object({
  generation: Count,
  record: v.string(),
  entrypoints: v.array(v.string()),
  bun: v.string(),
  total: Size,
  modules: Count,
  builds: Count,
  flags: v.array(
    v.object({
      name: FlagName,
      enabled: v.boolean(),
      removes: Size,
      modules: v.array(v.object({ path: v.string(), bytes: Count })),
    }),
  ),
  interactions: v.array(
    v.object({ flags: v.tuple([FlagName, FlagName]), raw: Bytes, gzip: Bytes }),
  ),
  uncounted: v.array(v.string()),
});

export const LEDGER_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    path: LEDGERS_PATH,
    summary: "Push the sources of a build, to be built in threads once for each flag",
    role: "writer",
    body: "bytes",
    stopsInFreeze: true,
    status: 202,
    answer: { description: "They are being built", schema: Run },
    async run(call) {
      const place = placeOf(call);
      const environment = findEnvironment(call.state, place);
      requireThawed(environment);
      const found = await call.services.files.newest(environment);
      if (found === undefined) throw new Refusal("unprocessable", "push a record first");
      const { file } = found;
      const { pathname } = urlOf(call.request);
      const run = call.services.ledgers.start(place, {
        bytes: call.body,
        file,
        keep: (bytes) => call.change((state) => keepLedger(state, place, file.generation, bytes)),
      });
      return json(run, 202, { location: `${pathname}/${run.ledger}` });
    },
  }),
  ...runRoutes({
    path: LEDGERS_PATH,
    name: "ledger",
    schema: Run,
    look: {
      role: "reader",
      summary: "How far the builds of a ledger are",
      description: "Builds that are done, and how it ended",
    },
    end: { role: "writer", summary: "End the builds of a ledger" },
    find: (call, id) => call.services.ledgers.find(placeOf(call), id),
    cancel: (call, id) => call.services.ledgers.cancel(placeOf(call), id),
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/ledger`,
    summary: "Show what each flag adds to the bundle that was pushed last",
    role: "reader",
    status: 200,
    answer: { description: "The ledger, the largest flag first", schema: Kept },
    also: { 304: { description: "As the client has it" } },
    run({ services, state, params, request }) {
      const { ledger } = findEnvironment(state, placeOf({ params }));
      if (ledger === null) throw new Refusal("not-found", "no bundle was pushed");
      const { digest } = ledger;
      const etag = `"${digest}"`;
      return unlessKnown(request, etag, async () => {
        const bytes = await services.engine.store.blob(digest);
        if (bytes === undefined) throw new Error(`content ${digest} is gone`);
        const headers = { ...CACHED_BY_TAG, etag, "content-type": "application/json" };
        return new Response(new Uint8Array(bytes), { headers });
      });
    },
  }),
];
