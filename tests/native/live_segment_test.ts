import { dlopen, ptr } from "bun:ffi";
import { describe, expect, test } from "bun:test";
import { crc64 } from "../../src/hash.ts";
import {
  FAULT,
  LIVE_HEAD,
  LIVE_LAYOUT_VERSION,
  LIVE_MAGIC,
  LIVE_PUBLICATION,
  LIVE_SEGMENT,
  LIVE_SLOT,
  REPAIR,
} from "../../src/format/generated/layout.ts";
import { hasAllCores, LIBRARY_PATH } from "../support/native_cores.ts";

const openLive = () =>
  dlopen(LIBRARY_PATH, {
    immuconfig_live_flip: { args: ["ptr", "u32", "u32", "f64", "f64"], returns: "u32" },
    immuconfig_live_clear: { args: ["ptr", "u32", "f64"], returns: "u32" },
    immuconfig_live_expire: { args: ["ptr", "f64"], returns: "u32" },
    immuconfig_live_publish: { args: ["ptr", "ptr"], returns: "u32" },
    immuconfig_live_repair: { args: ["ptr"], returns: "u32" },
  }).symbols;

/** A segment with a record of flags 0b0101, and what reads its fields. */
function published() {
  const live = openLive();
  const segment = new BigUint64Array(LIVE_SEGMENT.SIZE / 8);
  const view = new DataView(segment.buffer);
  const publication = new DataView(new ArrayBuffer(LIVE_PUBLICATION.SIZE));
  publication.setUint32(LIVE_PUBLICATION.generation, 7, true);
  publication.setUint32(LIVE_PUBLICATION.flags, 0b0101, true);
  publication.setUint8(LIVE_PUBLICATION.record, 1);
  publication.setUint8(LIVE_PUBLICATION.identity, 9);
  publication.setBigUint64(LIVE_PUBLICATION.nowMs, 1_800_000_000_000n, true);
  expect(live.immuconfig_live_publish(segment, ptr(publication.buffer))).toBe(FAULT.none);
  return {
    live,
    segment,
    view,
    head: (field: keyof typeof LIVE_HEAD) => view.getUint32(LIVE_HEAD[field], true),
    slotAt: () =>
      LIVE_SEGMENT.slots + ((view.getUint32(LIVE_HEAD.sequence, true) >> 1) & 1) * LIVE_SLOT.SIZE,
  };
}

describe.skipIf(!hasAllCores)("the live segment", () => {
  test("has the documented layout", () => {
    const { view, head, slotAt } = published();
    expect([head("magic"), head("layoutVersion")]).toEqual([LIVE_MAGIC, LIVE_LAYOUT_VERSION]);
    expect(new TextDecoder().decode(view.buffer.slice(0, 4))).toBe("IMCL");
    const slot = slotAt();
    expect(view.getUint32(slot + LIVE_SLOT.sequence, true)).toBe(head("sequence"));
    expect(view.getUint32(slot + LIVE_SLOT.generation, true)).toBe(7);
    expect(view.getUint8(slot + LIVE_SLOT.record)).toBe(1);
    expect(view.getUint8(slot + LIVE_SLOT.identity)).toBe(9);
    expect(view.getBigUint64(slot + LIVE_SLOT.publishedMs, true)).toBe(1_800_000_000_000n);
    for (const [from, check] of [
      [0, LIVE_SLOT.settingsCheck],
      [LIVE_SLOT.expiresMs, LIVE_SLOT.expiresCheck],
    ] as const) {
      const { low, high } = crc64(new Uint8Array(view.buffer, slot + from, check - from));
      expect(view.getUint32(slot + check, true)).toBe(low);
      expect(view.getUint32(slot + check + 4, true)).toBe(high);
    }
  });

  test("takes overrides, lets them end, and gives the flags back", () => {
    const { live, segment, view, head, slotAt } = published();
    expect(live.immuconfig_live_flip(segment, 0b0110, 0b0010, 2e12, 1.9e12)).toBe(FAULT.none);
    expect(head("effective")).toBe(0b0011);
    const slot = slotAt();
    expect(view.getUint32(slot + LIVE_SLOT.overrideMask, true)).toBe(0b0110);
    expect(view.getBigUint64(slot + LIVE_SLOT.expiresMs + 8, true)).toBe(2_000_000_000_000n);
    expect(live.immuconfig_live_flip(segment, 0x8000_0000, 0x8000_0000, 0, 1.9e12)).toBe(0);
    expect(live.immuconfig_live_expire(segment, 2e12)).toBe(FAULT.none);
    expect(head("effective")).toBe(0x8000_0005);
    expect(live.immuconfig_live_clear(segment, 0xffff_ffff, 2e12)).toBe(FAULT.none);
    expect(head("effective")).toBe(0b0101);
  });

  test("refuses arguments that it cannot mean", () => {
    const { live, segment } = published();
    const before = segment.slice();
    const address = ptr(segment);
    expect(live.immuconfig_live_flip(null, 1, 1, 0, 0)).toBe(FAULT.argument);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an address off by four
    expect(live.immuconfig_live_repair((address + 4) as typeof address)).toBe(REPAIR.foreign);
    for (const time of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 54]) {
      expect(live.immuconfig_live_flip(segment, 1, 1, time, 0)).toBe(FAULT.argument);
      expect(live.immuconfig_live_clear(segment, 1, time)).toBe(FAULT.argument);
    }
    expect(segment).toEqual(before);
  });

  test("repairs what a dead writer left, and knows a stranger", () => {
    const { live, segment, view, head } = published();
    const effective = head("effective");
    view.setUint32(LIVE_HEAD.sequence, head("sequence") | 1, true);
    expect(live.immuconfig_live_repair(segment)).toBe(REPAIR.undone);
    expect(live.immuconfig_live_repair(segment)).toBe(REPAIR.whole);
    expect(head("effective")).toBe(effective);
    view.setUint32(LIVE_HEAD.magic, 1, true);
    expect(live.immuconfig_live_repair(segment)).toBe(REPAIR.foreign);
    expect(live.immuconfig_live_flip(segment, 1, 0, 0, 0)).toBe(FAULT.liveForeign);
  });
});
