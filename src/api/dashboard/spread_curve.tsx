/** @jsxImportSource preact */
import type { FleetView } from "../../agent/fleet_view.ts";

const WIDTH = 640;
const HEIGHT = 160;
/** Beside the curve, for what its axes say. */
const MARGIN = { left: 48, right: 12, top: 10, bottom: 26 };

/** How the last change spread: hosts that had it, over the time since it was made. */
export function SpreadCurve({ curve, sequence }: Pick<FleetView, "curve" | "sequence">) {
  const last = curve.at(-1);
  if (last === undefined) return null;
  const longest = Math.max(1, last.ms);
  const x = (ms: number): number =>
    MARGIN.left + (ms / longest) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (hosts: number): number =>
    HEIGHT - MARGIN.bottom - (hosts / last.hosts) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  let line = `M${x(0)} ${y(0)}`;
  for (const { ms, hosts } of curve) line += `H${x(ms).toFixed(1)}V${y(hosts).toFixed(1)}`;
  const words = `Set ${sequence} was with half of the hosts after ${timeText(curve, 0.5)}, with 99 % after ${timeText(curve, 0.99)}, with all ${last.hosts} that saw it come after ${msText(last.ms)}.`;
  return (
    <figure class="spread">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <path class="axis" d={`M${x(0)} ${y(last.hosts)}V${y(0)}H${x(longest)}`} />
        <path class="curve" d={line} />
        <text x={MARGIN.left - 6} y={y(last.hosts) + 5} text-anchor="end">
          {last.hosts}
        </text>
        <text x={MARGIN.left - 6} y={y(0)} text-anchor="end">
          0
        </text>
        <text x={x(longest)} y={HEIGHT - 6} text-anchor="end">
          {msText(longest)}
        </text>
      </svg>
      <figcaption class="quiet">{words}</figcaption>
    </figure>
  );
}

function timeText(curve: FleetView["curve"], share: number): string {
  const wanted = Math.ceil((curve.at(-1)?.hosts ?? 0) * share);
  return msText(curve.find(({ hosts }) => hosts >= wanted)?.ms ?? 0);
}

function msText(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
