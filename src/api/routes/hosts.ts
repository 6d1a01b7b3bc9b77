/** What hosts fetch and report: the signed set of overrides, and how far they are. */

import * as v from "valibot";
import { hexBytes } from "../../format/bytes.ts";
import { findEnvironment } from "../domain/decide.ts";
import { json, UNCACHED } from "../http/answers.ts";
import { placeOf, type Route, route } from "../http/route.ts";
import { fleetOf } from "../fleet.ts";
import { FleetView, HostEntry, NewHostReport } from "../http/schemas.ts";
import { ENVIRONMENT_PATH } from "./projects.ts";

const Limit = v.pipe(v.string(), v.regex(/^(\d{1,3}|1000)$/), v.transform(Number));

export const HOST_ROUTES: readonly Route[] = [
  route({
    method: "GET",
    path: "/v1/online-key",
    summary: "Show the key that signs sets of overrides: hosts must be told to trust it",
    role: null,
    status: 200,
    answer: {
      description: "The raw Ed25519 public key in hex",
      schema: v.object({ publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
    },
    run: ({ services }) => json({ publicKey: hexBytes(services.sets.publicKey) }),
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/set`,
    summary: "Fetch the signed set of overrides",
    role: "reader",
    status: 200,
    answer: { description: "A compact JWS", contentType: "application/jwt" },
    async run(call) {
      const place = placeOf(call);
      const environment = findEnvironment(call.state, place);
      const { text } = await call.services.sets.current(place, environment, call.now);
      return new Response(text, {
        headers: { "content-type": "application/jwt", ...UNCACHED },
      });
    },
  }),
  route({
    method: "POST",
    isReading: true,
    path: `${ENVIRONMENT_PATH}/hosts`,
    summary: "Report what a host runs",
    role: "reader",
    body: NewHostReport,
    status: 204,
    answer: { description: "It was noted" },
    run(call) {
      const place = placeOf(call);
      findEnvironment(call.state, place);
      call.services.hosts.report(place, call.body, call.now);
      return new Response(null, { status: 204 });
    },
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/hosts`,
    summary: "List the hosts of an environment, and how far each is",
    role: "reader",
    status: 200,
    answer: {
      description: "Those that were heard of in a day, and where the environment is",
      schema: v.object({ sequence: v.number(), hosts: v.array(HostEntry) }),
    },
    run(call) {
      const place = placeOf(call);
      const { changes } = findEnvironment(call.state, place);
      return json({ sequence: changes, hosts: call.services.hosts.list(place, call.now) });
    },
  }),
  route({
    method: "GET",
    path: `${ENVIRONMENT_PATH}/fleet`,
    summary: "Show how many hosts have the last change, who is silent, and how it spread",
    role: "reader",
    query: v.strictObject({ limit: v.optional(Limit, "100") }),
    status: 200,
    answer: { description: "Counts, and those hosts that need a look first", schema: FleetView },
    run(call) {
      const place = placeOf(call);
      const environment = findEnvironment(call.state, place);
      const hosts = call.services.hosts.list(place, call.now);
      return json(fleetOf(environment, hosts, call.query.limit, call.now));
    },
  }),
];
