/** The audit log, checked as a whole while the server goes on answering. */

import * as v from "valibot";
import { json } from "../http/answers.ts";
import { Count } from "../http/basic_schemas.ts";
import { type Route, route } from "../http/route.ts";
import { runRoutes, runSchema } from "./run_routes.ts";

const PATH = "/v1/audit/verifications";
const View = runSchema({ verification: v.string(), checked: Count });

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
  ...runRoutes({
    path: PATH,
    name: "verification",
    schema: View,
    look: {
      role: "admin",
      summary: "How far a check of the audit log is",
      description: "Rows that hold, and how it ended",
    },
    end: { role: "admin", summary: "End a check of the audit log" },
    find: ({ services }, id) => services.verifications.find(id),
    cancel: ({ services }, id) => services.verifications.cancel(id),
  }),
];
