/** @jsxImportSource preact */
import type { FleetView } from "../../agent/fleet_view.ts";
import type { Place } from "./client.ts";
import { Command } from "./command.tsx";
import { useFew } from "./few.tsx";
import { SpreadCurve } from "./spread_curve.tsx";
import { ScrollTable } from "./table.tsx";
import { dateText } from "./words.ts";

interface Props {
  readonly place: Place;
  readonly fleet: FleetView;
}

/** As many as are looked at. */
const FEW = 20;

/** How many hosts have the last change, how it spread, and those that need a look first. */
export function FleetSection({ place, fleet }: Props) {
  const { counts, sequence, sequences, hosts } = fleet;
  if (counts.hosts === 0) {
    return (
      <p class="quiet">
        No host has reported. On each, beside its bunfig.lockb:{" "}
        <Command words="agent" place={place} />
      </p>
    );
  }
  const others = sequences.filter(({ value }) => value !== sequence);
  return (
    <>
      <p>
        {counts.current} of {counts.hosts} {counts.hosts === 1 ? "host has" : "hosts have"} set{" "}
        {sequence}.{counts.behind === 0 ? null : <span class="warn"> {counts.behind} behind.</span>}
        {counts.silent === 0 ? null : (
          <span class="warn"> {counts.silent} silent for eleven minutes or more.</span>
        )}
        {counts.refusing === 0 ? null : <span class="bad"> {counts.refusing} refuse it.</span>}
      </p>
      {others.length === 0 ? null : (
        <p class="quiet">
          Others:{" "}
          {others
            .map(
              ({ value, hosts: count }) =>
                `${count} at ${value === null ? "none" : `set ${value}`}`,
            )
            .join(", ")}
        </p>
      )}
      <SpreadCurve curve={fleet.curve} sequence={sequence} />
      <HostTable sequence={sequence} hosts={hosts} />
      {hosts.length < counts.hosts ? (
        <p class="quiet">
          These are the {hosts.length} that need a look first. All:{" "}
          <Command words="fleet status --json" place={place} />
        </p>
      ) : null}
    </>
  );
}

function HostTable({ sequence, hosts }: Pick<FleetView, "sequence" | "hosts">) {
  const { shown, button } = useFew(hosts, FEW, "hosts");
  return (
    <>
      <ScrollTable
        label="Table of hosts"
        stacks
        heads={["Host", "Record", "Overrides", "Heard of"]}
      >
        {shown.map((host) => (
          <tr key={host.host}>
            <th scope="row" class="name">
              {host.host}
            </th>
            <td data-label="Record" class="short">
              {host.generation === null ? "–" : `generation ${host.generation}`}
            </td>
            <td data-label="Overrides">
              {host.sequence === sequence ? (
                `set ${sequence}`
              ) : (
                <span class="warn">
                  {host.sequence === null ? "none" : `set ${host.sequence} of ${sequence}`}
                </span>
              )}
              <div class="bad">{host.problem}</div>
              {host.refused.length === 0 ? null : (
                <div class="quiet">not in its record: {host.refused.join(", ")}</div>
              )}
            </td>
            <td data-label="Heard of" class="short">
              {dateText(host.seen)}
              {host.silent ? <span class="warn">, silent</span> : null}
            </td>
          </tr>
        ))}
      </ScrollTable>
      {button}
    </>
  );
}
