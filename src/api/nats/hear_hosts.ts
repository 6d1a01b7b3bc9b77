/** Hears from hosts how far they are, as `POST …/hosts` does from those that speak HTTP. */

import type { NatsConnection } from "@nats-io/transport-node";
import * as v from "valibot";
import { parseJsonObject } from "../../base/json.ts";
import type { NatsSettings } from "../../fleet/nats_settings.ts";
import { hostOfSubject, placeOfSubject, statusSubjects } from "../../fleet/subjects.ts";
import { environmentIn } from "../domain/places.ts";
import type { Engine } from "../engine.ts";
import type { Hosts } from "../hosts.ts";
import { NewHostReport } from "../http/schemas.ts";

interface Options {
  readonly settings: NatsSettings;
  readonly engine: Engine;
  readonly hosts: Hosts;
  readonly now: () => number;
}

/** Bytes of a report. */
const REPORT_SIZE_MAX = 16 * 1024;

export function hearHosts(
  connection: NatsConnection,
  { settings, engine, hosts, now }: Options,
): void {
  connection.subscribe(statusSubjects(settings.org), {
    callback: (error, { subject, data }) => {
      if (error !== null || data.byteLength > REPORT_SIZE_MAX) return;
      const named = placeOfSubject(subject);
      if (named === undefined) return;
      if (environmentIn(engine.state, named) === undefined) return;
      const report = v.safeParse(NewHostReport, parseJsonObject(new TextDecoder().decode(data)));
      // A broker lets a host say what is its own, by the subject.
      if (!report.success || report.output.host !== hostOfSubject(subject)) return;
      hosts.report(named, report.output, now());
    },
  });
}
