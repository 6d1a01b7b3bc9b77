/** The ledger as one HTML page that needs nothing else. Pure. */

import { count, formatBytes } from "../../../base/units.ts";
import type { Interaction, Ledger, LedgerEntry } from "./make_ledger.ts";

/**
 * @param title what was built, for the heading
 * @param record of the build, 26 hex digits
 */
export function ledgerPage(ledger: Ledger, title: string, record: string): string {
  const largest = Math.max(1, ...ledger.flags.map(({ removes }) => removes.raw));
  const { raw, gzip } = ledger.total;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ledger of ${Bun.escapeHTML(title)}</title>
<style>${STYLE}</style>
<main>
<h1>What each flag adds to <code>${Bun.escapeHTML(title)}</code></h1>
<p class="sum"><b>${formatBytes(raw)}</b> (${formatBytes(gzip)} gzip) in ${count(ledger.modules, "module")},
record <code>${Bun.escapeHTML(record)}</code></p>
<ul class="key"><li class="on">on: in this bundle</li><li class="off">off: would be added</li><li class="zip">of it, gzip</li></ul>
<table>
<thead><tr><th scope="col">Flag<th scope="col">Size<th scope="col" class="n">Raw<th scope="col" class="n">Gzip<th scope="col">Modules that go with it</tr></thead>
<tbody>
${ledger.flags.map((entry) => flagRow(entry, largest, raw)).join("\n")}
</tbody>
</table>
${interactionTable(ledger.interactions)}
<p class="note">Measured by ${count(ledger.builds, "build")}: each flag turned round, the others as the record says.</p>
${uncounted(ledger)}</main>
</html>
`;
}

function uncounted({ uncounted: paths }: Ledger): string {
  if (paths.length === 0) return "";
  const list = paths.map((path) => `<code>${Bun.escapeHTML(path)}</code>`).join(", ");
  return `<p class="note">Not counted, for Bun takes a component for a file: ${list}.</p>\n`;
}

function flagRow({ name, enabled, removes, modules }: LedgerEntry, largest: number, total: number) {
  const width = (bytes: number): string => ((100 * Math.max(0, bytes)) / largest).toFixed(2);
  const share = ((100 * removes.raw) / Math.max(1, total)).toFixed(1);
  const label = `${name} ${enabled ? "on" : "off"}: ${formatBytes(removes.raw)}`;
  return `<tr class="${enabled ? "on" : "off"}">
<th scope="row">${Bun.escapeHTML(name)}<small>${enabled ? "on" : "off"}</small>
<td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${Bun.escapeHTML(label)}"><rect class="raw" width="${width(removes.raw)}" height="10"/><rect class="gzip" y="6" width="${width(removes.gzip)}" height="4"/></svg>
<td class="n">${formatBytes(removes.raw)}<small>${share} %</small>
<td class="n">${formatBytes(removes.gzip)}
<td>${moduleList(modules)}</tr>`;
}

const MODULES_SHOWN = 3;

function moduleList(modules: LedgerEntry["modules"]): string {
  const shown = modules.slice(0, MODULES_SHOWN).map(moduleItem).join("");
  const rest = modules.slice(MODULES_SHOWN);
  if (rest.length === 0) return shown === "" ? "" : `<ul>${shown}</ul>`;
  const more = `<details><summary>${rest.length} more</summary><ul>${rest.map(moduleItem).join("")}</ul></details>`;
  return `<ul>${shown}</ul>${more}`;
}

function moduleItem({ path, bytes }: LedgerEntry["modules"][number]): string {
  return `<li><code>${Bun.escapeHTML(path)}</code> ${formatBytes(bytes)}</li>`;
}

function interactionTable(interactions: readonly Interaction[]): string {
  if (interactions.length === 0) return "";
  const rows = interactions.map(
    ({ flags: [a, b], raw, gzip }) =>
      `<tr><th scope="row">${Bun.escapeHTML(a)} and ${Bun.escapeHTML(b)}<td class="n">${formatBytes(raw)}<td class="n">${formatBytes(gzip)}</tr>`,
  );
  return `<h2>Flags that do not add up</h2>
<p>What turning both off removes beyond the sum of the two: positive where they share code, negative where one stands in the other.</p>
<table><thead><tr><th scope="col">Flags<th scope="col" class="n">Raw<th scope="col" class="n">Gzip</tr></thead>
<tbody>
${rows.join("\n")}
</tbody></table>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1a1d21, #e8eaed); --soft: light-dark(#5c6670, #9aa4ae);
  --line: light-dark(#dfe3e8, #33393f); --on: light-dark(#2563c9, #6ea2f5); --off: light-dark(#b9c3ce, #56606b);
  --zip: light-dark(#0f2f66, #d5e4ff); }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #16191c); }
main { max-width: 68rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
.sum { margin: 0 0 1rem; } .note, small { color: var(--soft); } small { display: block; font-weight: 400; font-size: .8rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid var(--line); }
thead th { border: 0; color: var(--soft); font-weight: 400; font-size: .85rem; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { width: 34%; } svg { width: 100%; height: 1.5rem; display: block; }
.raw { fill: var(--on); } .off .raw { fill: var(--off); } .gzip { fill: var(--zip); }
ul { margin: 0; padding: 0; list-style: none; } summary { color: var(--soft); cursor: pointer; }
.key { display: flex; gap: 1.25rem; margin: 0 0 .5rem; font-size: .85rem; color: var(--soft); }
.key li::before { content: ""; display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; vertical-align: -1px; background: var(--on); }
.key .off::before { background: var(--off); } .key .zip::before { background: var(--zip); height: .35rem; vertical-align: 2px; }
`;
