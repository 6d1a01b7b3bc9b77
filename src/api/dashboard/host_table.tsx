/** @jsxImportSource preact */
import type { HostsView } from "./client.ts";
import { dateText } from "./words.ts";

/** Which hosts run what; those that are behind come first. */
export function HostTable({ sequence, hosts }: HostsView) {
  if (hosts.length === 0) {
    return (
      <p class="quiet">
        No host has reported. On each: <code>immuconfig agent</code>
      </p>
    );
  }
  const rows = hosts.toSorted((a, b) => (a.sequence ?? -1) - (b.sequence ?? -1));
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Table of hosts">
      <table>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">Record</th>
            <th scope="col">Overrides</th>
            <th scope="col">Heard of</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((host) => (
            <tr key={host.host}>
              <th scope="row" class="name">
                {host.host}
              </th>
              <td>{host.generation === null ? "–" : `generation ${host.generation}`}</td>
              <td>
                {host.sequence === sequence ? (
                  `set ${sequence}`
                ) : (
                  <span class="warn">
                    {host.sequence === null ? "none" : `set ${host.sequence} of ${sequence}`}
                  </span>
                )}
                <div class="bad">{host.problem}</div>
              </td>
              <td>{dateText(host.seen)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
