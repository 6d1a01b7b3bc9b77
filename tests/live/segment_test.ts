import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  activeOverrides,
  applyOverrides,
  decodeSlot,
  encodeSegment,
  encodeSlot,
  encodeSwitch,
  encodeWriting,
  nextSequence,
  recover,
  SEGMENT_SIZE,
  type SegmentState,
  slotOffset,
} from "../../src/live/segment.ts";
import { LIVE_HEAD, LIVE_SLOT } from "../../src/live/segment_layout.ts";

const uint32 = fc.nat(0xffff_ffff);
const time = fc.nat(Number.MAX_SAFE_INTEGER);
const states: fc.Arbitrary<SegmentState> = fc
  .record({
    sequence: uint32.map((n) => (n & ~1) >>> 0),
    generation: uint32,
    flags: uint32,
    overrideMask: uint32,
    overrideValue: uint32,
    record: fc.uint8Array({ minLength: 13, maxLength: 13 }),
    identity: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    publishedMs: time,
    changedMs: time,
    expiresMs: fc.array(time, { minLength: 32, maxLength: 32 }),
  })
  .map((state) => {
    state.overrideValue = (state.overrideValue & state.overrideMask) >>> 0;
    return state;
  });

const STATE: SegmentState = {
  sequence: 8,
  generation: 7,
  flags: 0b0101,
  overrideMask: 0b0110,
  overrideValue: 0b0010,
  record: new Uint8Array(13).fill(9),
  identity: new Uint8Array(32).fill(3),
  publishedMs: 1_800_000_000_000,
  changedMs: 1_800_000_000_001,
  expiresMs: Array.from({ length: 32 }, (_, bit) => (bit === 1 ? 1_800_000_600_000 : 0)),
};

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
    for (let bit = 0; bit < 8 * LIVE_SLOT.zero; bit++) {
      const damaged = slot.slice();
      const index = bit >> 3;
      damaged[index] = (damaged[index] ?? 0) ^ (1 << (bit & 7));
      expect(decodeSlot(damaged, STATE.sequence)).toBeUndefined();
    }
  });
});

describe("overrides", () => {
  test("apply to their flags alone, and end at their time", () => {
    const end = STATE.expiresMs[1] ?? 0;
    const before = activeOverrides(STATE, end - 1);
    expect(before).toEqual({ mask: 0b0110, value: 0b0010, endMs: end });
    expect(applyOverrides(0b1101, before)).toBe(0b1011);
    const after = activeOverrides(STATE, end);
    expect(after).toEqual({ mask: 0b0100, value: 0, endMs: Number.POSITIVE_INFINITY });
    const last = { ...STATE, overrideMask: 0x8000_0000, overrideValue: 0x8000_0000 };
    const active = activeOverrides(last, end);
    expect(active).toMatchObject({ mask: 0x8000_0000, value: 0x8000_0000 });
    expect(applyOverrides(1, active)).toBe(0x8000_0001);
  });
});

describe("a writer that dies", () => {
  const before = encodeSegment(STATE);
  const next: SegmentState = { ...STATE, sequence: nextSequence(recover(before)), flags: 0 };

  test("leaves the state before it, after each byte that it wrote", () => {
    const slot = encodeSlot(next);
    for (let written = 0; written <= slot.length; written++) {
      const torn = before.slice();
      torn.set(encodeWriting(recover(before)), LIVE_HEAD.sequence);
      torn.set(slot.subarray(0, written), slotOffset(next.sequence));
      const found = recover(torn);
      expect(found).toEqual({ condition: "undone", sequence: STATE.sequence + 1, state: STATE });
      expect(nextSequence(found)).toBe(next.sequence);
    }
  });

  test("has changed all with its last store", () => {
    const done = before.slice();
    done.set(encodeSlot(next), slotOffset(next.sequence));
    done.set(encodeSwitch(next), LIVE_HEAD.sequence);
    expect(recover(done)).toEqual({ condition: "whole", sequence: next.sequence, state: next });
    // The slot of the state before is still there for a reader that began with it.
    const old = slotOffset(STATE.sequence);
    expect(decodeSlot(done.subarray(old, old + LIVE_SLOT.SIZE), STATE.sequence)).toEqual(STATE);
  });

  test.each([0, 0x7fff_fffe, 0x8000_0000, 0xffff_fffc, 0xffff_fffe])(
    "may be at any sequence number: %d",
    (sequence) => {
      const old: SegmentState = { ...STATE, sequence };
      const bytes = encodeSegment(old);
      const next_: SegmentState = { ...STATE, flags: 0, sequence: nextSequence(recover(bytes)) };
      expect(next_.sequence).toBe((sequence + 2) % 2 ** 32);
      bytes.set(encodeSlot(next_), slotOffset(next_.sequence));
      bytes.set(encodeSwitch(next_), LIVE_HEAD.sequence);
      expect(recover(bytes).state).toEqual(next_);
      bytes[slotOffset(next_.sequence) + LIVE_SLOT.flags] = 1;
      const found = recover(bytes);
      expect(found).toMatchObject({ condition: "rolledBack", state: old });
      expect(nextSequence(found)).toBe((sequence + 6) % 2 ** 32);
    },
  );

  test("while it mends a damaged slot leaves the only whole one alone", () => {
    const done = before.slice();
    done.set(encodeSlot(next), slotOffset(next.sequence));
    done.set(encodeSwitch(next), LIVE_HEAD.sequence);
    done[slotOffset(next.sequence) + LIVE_SLOT.flags] = 1;
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
  newer[LIVE_HEAD.layoutVersion] = 2;
  expect(recover(newer).condition).toBe("foreign");
});
