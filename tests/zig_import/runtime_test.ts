import { beforeAll, describe, expect } from "bun:test";
import { join } from "node:path";
import { buildZigBindings } from "../../src/zig_import/compile.ts";
import { bindZig } from "../../src/zig_import/runtime.ts";
import { testWithZig, ZIG_CACHE } from "../support/zig.ts";

interface Sample {
  readonly answer: number;
  readonly enabled: boolean;
  add(left: unknown, right: unknown): number;
  negate(value: unknown): number;
  half(value: unknown): number;
  isOdd(value: unknown): boolean;
  sum(bytes: unknown): number;
  isEqual(one: unknown, other: unknown): boolean;
  reverse(buffer: unknown): void;
  embedded(): Uint8Array;
  sumOfCopy(bytes: unknown): number;
}

let base64 = "";
const bind = (): Sample => bindZig<Sample>(base64);

describe("bindZig", () => {
  beforeAll(async () => {
    const source = join(import.meta.dir, "fixtures", "sample.zig");
    const built = await buildZigBindings(source, { cache: ZIG_CACHE }).catch(() => undefined);
    base64 = Buffer.from(built?.wasm ?? []).toString("base64");
  }, 120_000);

  testWithZig("passes numbers, booleans and constants", () => {
    const zig = bind();
    expect([zig.answer, zig.enabled]).toEqual([42, true]);
    expect(zig.add(0xffff_fffe, 1)).toBe(0xffff_ffff);
    expect(zig.negate(127)).toBe(-127);
    expect(zig.half(3)).toBe(1.5);
    expect([zig.isOdd(2n ** 63n + 1n), zig.isOdd(2n)]).toEqual([true, false]);
    expect(Object.isFrozen(zig)).toBe(true);
    expect(Object.keys(zig)).not.toContain("allocate");
  });

  testWithZig("passes slices in, out and back", () => {
    const zig = bind();
    expect(zig.sum(new Uint8Array())).toBe(0);
    expect(zig.sum("ab")).toBe(195);
    expect(zig.isEqual("left", Buffer.from("left"))).toBe(true);
    expect(zig.isEqual("left", "right")).toBe(false);
    const buffer = Uint8Array.of(1, 2, 3);
    zig.reverse(buffer);
    expect([...buffer]).toEqual([3, 2, 1]);
    expect(new TextDecoder().decode(zig.embedded())).toBe("embedded text");
  });

  testWithZig("keeps its arguments apart from what Zig allocates", () => {
    const zig = bind();
    for (const size of [1, 70_000, 10, 1_000_000, 70_000]) {
      const bytes = new Uint8Array(size).fill(1);
      expect(zig.sumOfCopy(bytes)).toBe(size);
      expect(zig.isEqual(bytes, bytes.slice())).toBe(true);
    }
  });

  testWithZig("refuses what a Zig type cannot hold", () => {
    const zig = bind();
    expect(() => zig.add(1.5, 1)).toThrow(RangeError);
    expect(() => zig.add(-1, 1)).toThrow("add, argument 1 must be in the range of u32, not -1");
    expect(() => zig.add("1", 1)).toThrow(TypeError);
    expect(() => (zig.add as () => number)()).toThrow("add takes 2 arguments, not 0");
    expect(() => zig.isOdd(1)).toThrow(TypeError);
    expect(() => zig.isOdd(2n ** 64n)).toThrow(RangeError);
    expect(() => zig.negate(128)).toThrow(RangeError);
    expect(() => zig.half("1")).toThrow(TypeError);
    expect(() => zig.reverse("text")).toThrow("must be a Uint8Array");
  });

  testWithZig("turns a panic into an error", () => {
    expect(() => bind().add(0xffff_ffff, 1)).toThrow("add panicked: integer overflow");
    expect(() => bind().negate(-128)).toThrow("negate panicked: integer overflow");
  });
});
