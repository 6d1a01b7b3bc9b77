/** @jsxImportSource preact */
import { feature } from "bun:bundle";
import { useState } from "preact/hooks";
import {
  type Environment,
  type Flag,
  type HistoryRow,
  may,
  nameOf,
  type Place,
  type Session,
} from "./client.ts";
import { Command } from "./command.tsx";
import { useFew } from "./few.tsx";
import { type FlagAct } from "./flag_acts.ts";
import { FlagTable } from "./flag_table.tsx";
import { FleetSection } from "./fleet_section.tsx";
import { Fault } from "./forms.tsx";
import { LedgerSection } from "./ledger_section.tsx";
import { useView } from "./live_view.ts";
import { Plans, PLANS } from "./plans.tsx";
import { RecordBytes } from "./record_bytes.tsx";
import { Rollouts } from "./rollouts.tsx";
import { SwitchDialog } from "./switch_dialog.tsx";
import { VariantsDialog } from "./variants_dialog.tsx";
import { dateText, sentence } from "./words.ts";

/** Changes that are seen without asking for more. */
const FEW_CHANGES = 20;

/** One environment. */
export function EnvironmentPage({ place, session }: { place: Place; session: Session }) {
  const isAdmin = may(session, "admin", place);
  const canSwitch = may(session, "writer", place);
  const { view, fault } = useView(place);
  const [switching, setSwitching] = useState<{ readonly flag: Flag; readonly act: FlagAct }>();
  const [editing, setEditing] = useState<Flag>();
  return (
    <main>
      <Fault text={fault} />
      {view === undefined ? (
        <p class="quiet late">Reading {nameOf(place)}…</p>
      ) : (
        <>
          <State environment={view.environment} />
          <section aria-labelledby="flags">
            <h2 id="flags">Flags</h2>
            <FlagTable
              environment={view.environment}
              isAdmin={isAdmin}
              canSwitch={canSwitch}
              onSwitch={(flag, act) => setSwitching({ flag, act })}
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
              key={switching.flag.name}
              environment={view.environment}
              {...switching}
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
      {rows.at(-1)?.change.kind === "environment.created" ? null : (
        <p class="quiet">
          Older changes are in the audit log, which an administrator of the whole server writes out:{" "}
          <Command words="audit export" />
        </p>
      )}
    </>
  );
}

/** A link would take the place of the environment in the address. */
function goToPlans(): void {
  document.getElementById(PLANS)?.focus();
}

/** What holds for every change, before anybody tries one. */
function State({ environment }: { environment: Environment }) {
  const { frozen, twoPersons, requests } = environment;
  if (frozen !== null) {
    return (
      <p class="card warn" role="status">
        Frozen by {frozen.by} on {dateText(frozen.time)}: {frozen.reason}. An administrator can
        switch flags off, and nothing else.
      </p>
    );
  }
  if (!twoPersons && requests.length === 0) return null;
  return (
    <p class="card" role="status">
      {twoPersons ? "A change here needs somebody else who approves it. " : null}
      {requests.length === 0 ? null : (
        <>
          {requests.length === 1 ? "A request waits." : `${requests.length} requests wait.`}{" "}
          <button class="small" onClick={goToPlans}>
            Show<span class="visually-hidden"> what waits</span>
          </button>
        </>
      )}
    </p>
  );
}
