import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { LIVE_OVERRIDE_COUNT_MAX } from "../../src/base/limits.ts";
import {
  decodeSlot,
  encodeSegment,
  encodeSlot,
  encodeSwitch,
  encodeWriting,
  hasEnded,
  HEAD,
  nextSequence,
  recover,
  SEGMENT_SIZE,
  type SegmentState,
  SLOT,
  slotOffset,
  slotSize,
} from "../../src/live/segment.ts";
import { SegmentSource } from "../../src/live/source.ts";

const override = fc.record({
  name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/),
  enabled: fc.boolean(),
  endMs: fc.nat(Number.MAX_SAFE_INTEGER),
});
const states: fc.Arbitrary<SegmentState> = fc.record({
  sequence: fc.nat(0xffff_ffff).map((n) => (n & ~1) >>> 0),
  identity: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  overrides: fc.array(override, { maxLength: LIVE_OVERRIDE_COUNT_MAX }),
});

const END = 1_800_000;
const STATE: SegmentState = {
  sequence: 8,
  identity: new Uint8Array(32).fill(3),
  overrides: [
    { name: "A", enabled: true, endMs: END },
    { name: "checkout.v2-beta", enabled: false, endMs: 0 },
  ],
};
/** Bytes of a slot that two overrides take, with the checksum. */
const USED = 40 + 2 * 72 + 8;

describe("a slot", () => {
  test("decodes to what was encoded", () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(decodeSlot(encodeSlot(state), state.sequence)).toEqual(state);
        expect(recover(encodeSegment(state))).toEqual({
          condition: "whole",
          sequence: state.sequence,
          state,
        });
      }),
    );
  });

  test("of another sequence number, or with any bit flipped, is refused", () => {
    const slot = encodeSlot(STATE);
    expect(decodeSlot(slot, STATE.sequence + 2)).toBeUndefined();
    for (let bit = 0; bit < 8 * USED; bit++) {
      const damaged = slot.slice();
      const index = bit >> 3;
      damaged[index] = (damaged[index] ?? 0) ^ (1 << (bit & 7));
      expect(decodeSlot(damaged, STATE.sequence)).toBeUndefined();
    }
  });
});

test("a reader sees each state whole, whatever longer or shorter one it read before", () => {
  fc.assert(
    fc.property(fc.array(states, { minLength: 1, maxLength: 8 }), (all) => {
      const bytes = new Uint8Array(SEGMENT_SIZE);
      const words = new Int32Array(bytes.buffer);
      const memory = { words, isCurrent: () => true, close: () => undefined };
      const source = new SegmentSource(memory);
      for (const state of all) {
        bytes.set(encodeSegment(state));
        expect(source.state()).toEqual(state);
      }
    }),
  );
});

test("a slot with an impossible count is no state, and means nothing behind its head", () => {
  const bytes = Uint8Array.from(encodeSegment(STATE));
  const words = new Int32Array(bytes.buffer);
  const source = new SegmentSource({ words, isCurrent: () => true, close: () => undefined });
  const slot = bytes.subarray(slotOffset(STATE.sequence));
  expect(slotSize(slot)).toBe(USED);
  for (const count of [LIVE_OVERRIDE_COUNT_MAX + 1, 0xffff_ffff]) {
    new DataView(bytes.buffer).setUint32(slotOffset(STATE.sequence) + SLOT.count, count, true);
    expect(slotSize(slot)).toBe(SLOT.overrides);
    expect(source.state()).toBeUndefined();
  }
});

test("the largest segment has room for as many overrides as are allowed, and no more", () => {
  const all = Array.from({ length: LIVE_OVERRIDE_COUNT_MAX }, (_, i) => ({
    name: `F${i}_`.padEnd(60, "x"),
    enabled: i % 2 === 0,
    endMs: i,
  }));
  const state: SegmentState = { ...STATE, overrides: all };
  expect(recover(encodeSegment(state)).state).toEqual(state);
  expect(HEAD.slots + 2 * SLOT.SIZE).toBe(SEGMENT_SIZE);
  const beyond = encodeSlot(STATE);
  beyond[SLOT.count] = LIVE_OVERRIDE_COUNT_MAX + 1;
  expect(decodeSlot(beyond, STATE.sequence)).toBeUndefined();
});

test("an override ends at its time, or never", () => {
  const [first, second] = STATE.overrides;
  if (first === undefined || second === undefined) throw new Error("no overrides");
  expect(hasEnded(first, END - 1)).toBeFalse();
  expect(hasEnded(first, END)).toBeTrue();
  expect(hasEnded(second, Number.MAX_SAFE_INTEGER)).toBeFalse();
});

describe("a writer that dies", () => {
  const before = encodeSegment(STATE);
  const next: SegmentState = { ...STATE, sequence: nextSequence(recover(before)), overrides: [] };

  test("leaves the state before it, after each byte that it wrote", () => {
    const slot = encodeSlot(next);
    for (let written = 0; written <= slot.length; written++) {
      const torn = before.slice();
      torn.set(encodeWriting(recover(before)), HEAD.sequence);
      torn.set(slot.subarray(0, written), slotOffset(next.sequence));
      const found = recover(torn);
      expect(found).toEqual({ condition: "undone", sequence: STATE.sequence + 1, state: STATE });
      expect(nextSequence(found)).toBe(next.sequence);
    }
  });

  test("has changed all with its last store", () => {
    const done = before.slice();
    done.set(encodeSlot(next), slotOffset(next.sequence));
    done.set(encodeSwitch(next), HEAD.sequence);
    expect(recover(done)).toEqual({ condition: "whole", sequence: next.sequence, state: next });
    // The slot of the state before is still there for a reader that began with it.
    const old = slotOffset(STATE.sequence);
    expect(decodeSlot(done.subarray(old, old + SLOT.SIZE), STATE.sequence)).toEqual(STATE);
  });

  test.each([0, 0x7fff_fffe, 0x8000_0000, 0xffff_fffc, 0xffff_fffe])(
    "may be at any sequence number: %d",
    (sequence) => {
      const old: SegmentState = { ...STATE, sequence };
      const bytes = encodeSegment(old);
      const next_: SegmentState = {
        ...STATE,
        overrides: [],
        sequence: nextSequence(recover(bytes)),
      };
      expect(next_.sequence).toBe((sequence + 2) % 2 ** 32);
      bytes.set(encodeSlot(next_), slotOffset(next_.sequence));
      bytes.set(encodeSwitch(next_), HEAD.sequence);
      expect(recover(bytes).state).toEqual(next_);
      bytes[slotOffset(next_.sequence) + SLOT.identity] = 1;
      const found = recover(bytes);
      expect(found).toMatchObject({ condition: "rolledBack", state: old });
      expect(nextSequence(found)).toBe((sequence + 6) % 2 ** 32);
    },
  );

  test("while it repairs a damaged slot leaves the only whole one alone", () => {
    const done = before.slice();
    done.set(encodeSlot(next), slotOffset(next.sequence));
    done.set(encodeSwitch(next), HEAD.sequence);
    done[slotOffset(next.sequence) + SLOT.identity] = 1;
    const found = recover(done);
    expect(found).toEqual({ condition: "rolledBack", sequence: next.sequence, state: STATE });
    expect(slotOffset(nextSequence(found))).toBe(slotOffset(next.sequence));
    done.fill(0, slotOffset(STATE.sequence), slotOffset(STATE.sequence) + 8);
    expect(recover(done).condition).toBe("lost");
  });
});

test("other bytes are foreign", () => {
  for (const bytes of [new Uint8Array(), new Uint8Array(SEGMENT_SIZE), Buffer.alloc(4096, "x")]) {
    expect(recover(bytes).condition).toBe("foreign");
  }
  const newer = encodeSegment(STATE);
  newer[HEAD.layoutVersion] = 2;
  expect(recover(newer).condition).toBe("foreign");
});
