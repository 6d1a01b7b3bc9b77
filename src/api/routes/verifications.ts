/** The audit log, checked as a whole while the server goes on answering. */

import * as v from "valibot";
import { json } from "../http/answers.ts";
import { type Route, route } from "../http/route.ts";

const PATH = "/v1/audit/verifications";
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const View = v.object({
  verification: v.string(),
  state: v.picklist(["running", "done", "failed", "cancelled"]),
  checked: Count,
  total: Count,
  problem: v.nullable(v.string()),
});

export const VERIFICATION_ROUTES: readonly Route[] = [
  route({
    method: "POST",
    path: PATH,
    summary: "Check the chain of the audit log, in threads",
    role: "admin",
    status: 202,
    answer: { description: "It is being checked", schema: View },
    run({ services }) {
      const view = services.verifications.start();
      return json(view, 202, { location: `${PATH}/${view.verification}` });
    },
  }),
  route({
    method: "GET",
    path: `${PATH}/:verification`,
    summary: "How far a check of the audit log is",
    role: "admin",
    status: 200,
    answer: { description: "Rows that hold, and how it ended", schema: View },
    run: ({ services, params }) => json(services.verifications.find(params["verification"] ?? "")),
  }),
  route({
    method: "DELETE",
    path: `${PATH}/:verification`,
    summary: "End a check of the audit log",
    role: "admin",
    status: 204,
    answer: { description: "It ends" },
    run({ services, params }) {
      services.verifications.cancel(params["verification"] ?? "");
      return new Response(null, { status: 204 });
    },
  }),
];
