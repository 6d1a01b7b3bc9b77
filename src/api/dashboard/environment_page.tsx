/** @jsxImportSource preact */
import { feature } from "bun:bundle";
import { useEffect, useRef, useState } from "preact/hooks";
import type { FleetView } from "../../agent/fleet_view.ts";
import {
  type Environment,
  type Flag,
  type HistoryRow,
  type Ledger,
  may,
  pathOf,
  type Place,
  readEnvironment,
  readFields,
  readFleet,
  readHistory,
  readLedger,
  type RecordFields,
  type Session,
} from "./client.ts";
import { Fault, useAttempts } from "./forms.tsx";
import { useFew } from "./few.tsx";
import { FlagTable } from "./flag_table.tsx";
import { FleetSection } from "./fleet_section.tsx";
import { LedgerSection } from "./ledger_section.tsx";
import { Plans } from "./plans.tsx";
import { RecordBytes } from "./record_bytes.tsx";
import { Rollouts } from "./rollouts.tsx";
import { SwitchDialog } from "./switch_dialog.tsx";
import { VariantsDialog } from "./variants_dialog.tsx";
import { dateText, sentence } from "./words.ts";

/** Milliseconds between two looks at the hosts. */
const HOSTS_MS = 10_000;
/** Changes that are seen without asking for more. */
const FEW_CHANGES = 20;

interface View {
  readonly environment: Environment;
  readonly history: readonly HistoryRow[];
  readonly fields: RecordFields | undefined;
  readonly fleet: FleetView;
  readonly ledger: Ledger | undefined;
}

/** @param seen before: what belongs to a record or a ledger that is still the newest is not read again */
async function readView(place: Place, seen: View | undefined): Promise<View> {
  const [environment, history, fleet] = await Promise.all([
    readEnvironment(place),
    readHistory(place),
    readFleet(place),
  ]);
  const before = seen?.environment;
  const fields = await still(environment.record, before?.record, seen?.fields, () =>
    readFields(place),
  );
  const ledger = await still(environment.ledger, before?.ledger, seen?.ledger, () =>
    readLedger(place),
  );
  return { environment, history, fields, fleet, ledger };
}

type Content = { readonly digest: string } | null | undefined;

async function still<Part>(
  now: Content,
  before: Content,
  seen: Part | undefined,
  read: () => Promise<Part>,
): Promise<Part | undefined> {
  if (now?.digest === before?.digest) return seen;
  return now === null ? undefined : read();
}

/** Read again whenever the server says that something has changed. */
function useView(place: Place): { readonly view: View | undefined; readonly fault: string } {
  const [view, setView] = useState<View>();
  const { fault, attempt, blame } = useAttempts();
  const path = pathOf(place);
  const newest = useRef<View>(undefined);
  const refresh = (): void =>
    void attempt(async () => {
      newest.current = await readView(place, newest.current);
      setView(newest.current);
    });
  const lookAtHosts = (): void =>
    void attempt(async () => {
      const fleet = await readFleet(place);
      setView((seen) => seen && { ...seen, fleet });
    });
  useEffect(() => {
    const events = new EventSource(`${path}/events`);
    // The stream begins with the present version, so this is the first read, too.
    events.addEventListener("message", refresh);
    events.addEventListener("error", () =>
      blame("The connection is lost; trying again. What stands here may be old."),
    );
    // Hosts report without changing anything.
    const timer = setInterval(lookAtHosts, HOSTS_MS);
    return () => {
      events.close();
      clearInterval(timer);
    };
  }, [path]);
  return { view, fault };
}

/** One environment. */
export function EnvironmentPage({ place, session }: { place: Place; session: Session }) {
  const isAdmin = may(session, "admin", place);
  const canSwitch = may(session, "writer", place);
  const { view, fault } = useView(place);
  const [switching, setSwitching] = useState<Flag>();
  const [editing, setEditing] = useState<Flag>();
  return (
    <main>
      <Fault text={fault} />
      {view === undefined ? null : (
        <>
          <State environment={view.environment} />
          <section aria-labelledby="flags">
            <h2 id="flags">Flags</h2>
            <FlagTable
              place={place}
              flags={view.environment.flags}
              canSwitch={canSwitch}
              onSwitch={setSwitching}
              onEdit={setEditing}
            />
          </section>
          <Rollouts environment={view.environment} canSwitch={canSwitch} />
          <Plans
            environment={view.environment}
            canSwitch={canSwitch}
            isAdmin={isAdmin}
            isPerson={session.actor.startsWith("person:")}
          />
          <section aria-labelledby="hosts">
            <h2 id="hosts">Hosts</h2>
            <FleetSection place={place} fleet={view.fleet} />
          </section>
          <section aria-labelledby="history">
            <h2 id="history">History</h2>
            <History rows={view.history} />
          </section>
          {view.ledger === undefined ? null : (
            <section aria-labelledby="ledger">
              <h2 id="ledger">What each flag adds to the bundle</h2>
              <LedgerSection
                ledger={view.ledger}
                generation={view.environment.record?.generation}
              />
            </section>
          )}
          {view.fields === undefined ? null : (
            <section aria-labelledby="record">
              <h2 id="record">Record, generation {view.environment.record?.generation}</h2>
              <RecordBytes {...view.fields} />
            </section>
          )}
          {switching === undefined ? null : (
            <SwitchDialog
              key={switching.name}
              environment={view.environment}
              flag={switching}
              onClose={() => setSwitching(undefined)}
            />
          )}
          {feature("PREMIUM_TYPES") && editing !== undefined ? (
            <VariantsDialog
              key={editing.name}
              environment={view.environment}
              flag={editing}
              onClose={() => setEditing(undefined)}
            />
          ) : null}
        </>
      )}
    </main>
  );
}

function History({ rows }: { rows: readonly HistoryRow[] }) {
  const { shown, button } = useFew(rows, FEW_CHANGES, "changes");
  return (
    <>
      <ol class="history" aria-live="polite">
        {shown.map((row) => (
          <li key={row.sequence}>
            <time class="quiet" dateTime={new Date(row.time).toISOString()}>
              {dateText(row.time)}
            </time>
            <span>{sentence(row)}</span>
          </li>
        ))}
      </ol>
      {button}
    </>
  );
}

/** What holds for every change, before anybody tries one. */
function State({ environment: { frozen, twoPersons } }: { environment: Environment }) {
  if (frozen !== null) {
    return (
      <p class="card warn" role="status">
        Frozen by {frozen.by} on {dateText(frozen.time)}: {frozen.reason}. An administrator can
        switch flags off, and nothing else.
      </p>
    );
  }
  if (!twoPersons) return null;
  return (
    <p class="card" role="status">
      A change here needs somebody else who approves it.
    </p>
  );
}
