/** @jsxImportSource preact */
import { count, formatBytes } from "../../base/units.ts";
import type { Ledger, LedgerFlag } from "./client.ts";
import { ScrollTable } from "./table.tsx";

const WIDTH = 720;
const ROW = 26;
const BAR = 16;
/** Beside the bars: the flags' names, and their sizes. */
const MARGIN = { left: 200, right: 90 };
/** Flags in the chart; the table has all. */
const SHOWN_MAX = 12;
/** Characters of a name in the chart. */
const NAME_MAX = 24;
/** Modules that the table names of a flag. */
const MODULES_MAX = 3;

interface Props {
  readonly ledger: Ledger;
  /** Of the newest record. */
  readonly generation: number | undefined;
}

/** What each flag adds to the bundle that was pushed last, as a chart and as a table. */
export function LedgerSection({ ledger, generation }: Props) {
  const { total, modules, flags, interactions, uncounted } = ledger;
  return (
    <>
      <p>
        <span class="name">{ledger.entrypoints.join(", ")}</span>: {formatBytes(total.raw)},{" "}
        {formatBytes(total.gzip)} gzip, in {count(modules, "module")}; built with generation{" "}
        {ledger.generation}.
        {ledger.generation === generation ? null : (
          <span class="warn"> The record is generation {generation} by now: push it again.</span>
        )}
      </p>
      <LedgerChart flags={flags} />
      <ScrollTable
        label="Table of what each flag adds"
        stacks
        heads={["Flag", "In this bundle", "Raw", "Gzip", "Modules that go with it"]}
      >
        {flags.map(({ name, enabled, removes, modules: gone }) => (
          <tr key={name}>
            <th scope="row" class="name">
              {name}
            </th>
            <td data-label="Bundle">{enabled ? "on" : "off: would be added"}</td>
            <td data-label="Raw">{formatBytes(removes.raw)}</td>
            <td data-label="Gzip">{formatBytes(removes.gzip)}</td>
            <td data-label="Modules">
              {gone
                .slice(0, MODULES_MAX)
                .map(({ path, bytes }) => `${path} (${formatBytes(bytes)})`)
                .join(", ")}
              {gone.length > MODULES_MAX ? ", and more" : ""}
            </td>
          </tr>
        ))}
      </ScrollTable>
      {interactions.length === 0 ? null : (
        <p class="quiet">
          These do not add up, for they share code or stand in each other:{" "}
          {interactions
            .map(({ flags: [a, b], raw }) => `${a} and ${b} (${formatBytes(raw)})`)
            .join(", ")}
        </p>
      )}
      {uncounted.length === 0 ? null : (
        <p class="warn">
          Not counted, for Bun takes a component for a file: {uncounted.join(", ")}
        </p>
      )}
    </>
  );
}

/** A bar for each of the largest flags: its bytes, and below them what is left of those in gzip. */
function LedgerChart({ flags }: Pick<Ledger, "flags">) {
  const shown = flags.filter(({ removes }) => removes.raw > 0).slice(0, SHOWN_MAX);
  const [largest] = shown;
  if (largest === undefined) return <p class="quiet">No flag adds anything to it.</p>;
  const width = (bytes: number): number =>
    (Math.max(0, bytes) / largest.removes.raw) * (WIDTH - MARGIN.left - MARGIN.right);
  const words = `Bytes that each flag adds. The largest is ${largest.name} with ${formatBytes(largest.removes.raw)}; the table below has all.`;
  return (
    <figure class="ledger">
      <svg viewBox={`0 0 ${WIDTH} ${shown.length * ROW}`} role="img" aria-label={words}>
        {shown.map((flag, index) => (
          <Bar key={flag.name} flag={flag} top={index * ROW} width={width} />
        ))}
      </svg>
      <figcaption class="quiet">
        Filled: on, and in this bundle. Outlined: off, and would be added. The line below: gzip.
      </figcaption>
    </figure>
  );
}

interface BarProps {
  readonly flag: LedgerFlag;
  readonly top: number;
  readonly width: (bytes: number) => number;
}

function Bar({ flag: { name, enabled, removes }, top, width }: BarProps) {
  const text = name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name;
  return (
    <g class={enabled ? "on" : "off"}>
      <text x={MARGIN.left - 8} y={top + 13} text-anchor="end">
        {text}
      </text>
      <rect class="raw" x={MARGIN.left} y={top + 1} width={width(removes.raw)} height={BAR} />
      <rect class="gzip" x={MARGIN.left} y={top + BAR + 2} width={width(removes.gzip)} height={4} />
      <text x={MARGIN.left + width(removes.raw) + 6} y={top + 13}>
        {formatBytes(removes.raw)}
      </text>
    </g>
  );
}
