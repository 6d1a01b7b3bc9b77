/** Every route of the server. */

import { feature } from "bun:bundle";
import { openApi } from "./http/openapi.ts";
import { type Route, route } from "./http/route.ts";
import { ADMIN_ROUTES } from "./routes/admin.ts";
import { EVENT_ROUTES } from "./routes/events.ts";
import { GOVERNANCE_ROUTES } from "./routes/governance.ts";
import { HOST_ROUTES } from "./routes/hosts.ts";
import { ISSUER_ROUTES } from "./routes/issuers.ts";
import { LEDGER_ROUTES } from "./routes/ledgers.ts";
import { OIDC_ROUTES } from "./routes/oidc.ts";
import { OFREP_ROUTES } from "./routes/ofrep.ts";
import { OVERRIDE_ROUTES } from "./routes/overrides.ts";
import { PEOPLE_ROUTES } from "./routes/people.ts";
import { PROJECT_ROUTES } from "./routes/projects.ts";
import { RECORD_ROUTES } from "./routes/records.ts";
import { SESSION_ROUTES } from "./routes/session.ts";
import { VARIANT_ROUTES } from "./routes/variants.ts";
import { VERIFICATION_ROUTES } from "./routes/verifications.ts";

/** @param version of the server, for the document that describes it */
export function routeTable(version: string): readonly Route[] {
  const rows: Route[] = [
    ...ADMIN_ROUTES,
    ...VERIFICATION_ROUTES,
    ...PEOPLE_ROUTES,
    ...ISSUER_ROUTES,
    ...PROJECT_ROUTES,
    ...RECORD_ROUTES,
    ...LEDGER_ROUTES,
    ...OVERRIDE_ROUTES,
    ...GOVERNANCE_ROUTES,
    ...OFREP_ROUTES,
    ...EVENT_ROUTES,
    ...HOST_ROUTES,
    ...SESSION_ROUTES,
    ...OIDC_ROUTES,
  ];
  if (feature("PREMIUM_TYPES")) rows.push(...VARIANT_ROUTES);
  let text: string | undefined;
  rows.push(
    route({
      method: "GET",
      path: "/openapi.json",
      summary: "This document",
      role: null,
      status: 200,
      answer: { description: "OpenAPI 3.1", contentType: "application/json" },
      run() {
        text ??= JSON.stringify(openApi(rows, version));
        return new Response(text, { headers: { "content-type": "application/json" } });
      },
    }),
  );
  return rows;
}
