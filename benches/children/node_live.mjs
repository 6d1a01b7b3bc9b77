// Under Node, where the package is installed: pairs of nanoseconds that a live read and a bare
// Atomics.load take, as JSON. Usage: node node_live.mjs READS PAIRS
import assert from "node:assert/strict";
import { live } from "immuconfig/live";

const [reads, pairs] = process.argv.slice(2).map(Number);
const SEQUENCE_WORD = 2;
assert.equal(live.mode, "mapped", "the segment is not mapped: build lib/ first");
const words = new Int32Array(4);
const { features } = live;

function bare() {
  let on = 0;
  for (let i = 0; i < reads; i++) if ((Atomics.load(words, SEQUENCE_WORD) & 1) !== 0) on++;
  return on;
}

function read() {
  let on = 0;
  for (let i = 0; i < reads; i++) if (features.FLAG_0) on++;
  return on;
}

function timed(run, expected) {
  const start = performance.now();
  const on = run();
  const end = performance.now();
  assert.equal(on, expected);
  return ((end - start) * 1e6) / reads;
}

const isOn = features.FLAG_0 ? reads : 0;
const times = Array.from({ length: pairs }, (_, index) => {
  const first = index % 2 === 0 ? timed(bare, 0) : undefined;
  const subject = timed(read, isOn);
  return { subject, floor: first ?? timed(bare, 0) };
});
// What the compiler has not seen yet is no measure.
console.log(JSON.stringify(times.slice(Math.ceil(pairs / 10))));
process.exit(0);
