/** What handlers share. */

import type { Jobs } from "../auth/jobs.ts";
import type { Oidc } from "../auth/oidc.ts";
import type { Passkeys } from "../auth/passkeys.ts";
import type { Sessions } from "../auth/sessions.ts";
import type { SeenTokens } from "../auth/tokens.ts";
import type { Engine } from "../engine.ts";
import type { EventHub } from "../events/hub.ts";
import type { SetEvents } from "../events/set_events.ts";
import type { Idempotency } from "./idempotency.ts";
import type { RateLimits } from "./rate_limits.ts";
import type { HealthLooks } from "../health_looks.ts";
import type { Hosts } from "../hosts.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { NatsPublisher } from "../nats/publisher.ts";
import type { BulkAnswers } from "../ofrep/bulk.ts";
import type { OverrideSets } from "../override_sets.ts";
import type { RecordFiles } from "../record_files.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import type { Verifications } from "../verifications.ts";

export interface Services {
  readonly engine: Engine;
  readonly files: RecordFiles;
  readonly events: EventHub;
  readonly setEvents: SetEvents;
  readonly sessions: Sessions;
  readonly tokens: SeenTokens;
  readonly passkeys: Passkeys;
  /** Only where people may sign in at a provider. */
  readonly oidc: Oidc | undefined;
  readonly jobs: Jobs;
  readonly bulk: BulkAnswers;
  readonly sets: OverrideSets;
  readonly hosts: Hosts;
  readonly health: HealthLooks;
  readonly limits: RateLimits;
  readonly idempotency: Idempotency;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly verifications: Verifications;
  readonly ledgers: Ledgers;
  /** Only where a broker is told of changes. */
  readonly nats: NatsPublisher | undefined;
  readonly now: () => number;
}
