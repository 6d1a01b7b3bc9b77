/**
 * Calls compiled Zig from JavaScript. Runs wherever WebAssembly does, and imports nothing: the
 * plugin puts it into bundles.
 */

import type { OwnBytes } from "../base/bytes.ts";

/** How a value crosses: `bytes` is `[]const u8`, `buffer` is `[]u8`, others are named as in Zig. */
export type ZigType =
  | "bytes"
  | "buffer"
  | "void"
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "usize"
  | "f32"
  | "f64";

/** A public declaration of the Zig file, as the compiler described it. */
export interface ZigDeclaration {
  readonly name: string;
  /** Of a function. */
  readonly params?: readonly ZigType[];
  readonly returns?: ZigType;
  /** Of a constant. */
  readonly value?: number | boolean;
  /** Why a function cannot be called from here. */
  readonly skipped?: string;
}

type Callable = (...args: unknown[]) => unknown;
type WasmFunction = (...args: (number | bigint)[]) => number | bigint | undefined;

const INTEGER_RANGES: Partial<Record<ZigType, readonly [number, number]>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  usize: [0, 0xffff_ffff],
  i8: [-0x80, 0x7f],
  i16: [-0x8000, 0x7fff],
  i32: [-0x8000_0000, 0x7fff_ffff],
};

const PAGE_SIZE = 65_536;

const utf8 = new TextEncoder();

/**
 * Instantiates a Zig module: its functions by name, and its constants.
 *
 * A `[]const u8` parameter takes a `Uint8Array` or a string, a `[]u8` parameter a `Uint8Array`
 * that the function may change. A returned slice is copied.
 *
 * @param base64 the module, as the plugin or the macro made it
 * @throws Error from a function whose Zig code panicked, TypeError or RangeError for an argument
 * that its Zig type cannot hold
 * @example
 * const zig = bindZig<{ murmur3(bytes: Uint8Array | string, seed: number): number }>(base64);
 * zig.murmur3("text", 0);
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the Zig file
export function bindZig<T = Record<string, unknown>>(base64: string): T {
  const text = atob(base64);
  const bytes = Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const module = new ZigModule(bytes);
  const bound: Record<string, unknown> = {};
  for (const declaration of module.declarations) {
    if (declaration.value !== undefined) bound[declaration.name] = declaration.value;
    if (declaration.params !== undefined) bound[declaration.name] = module.bind(declaration);
  }
  return Object.freeze(bound) as T;
}

/** The public declarations of a compiled module. */
export function describeZig(wasm: OwnBytes): readonly ZigDeclaration[] {
  return new ZigModule(wasm).declarations;
}

class ZigModule {
  readonly declarations: readonly ZigDeclaration[];
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Record<string, unknown>;
  /** Memory of our own behind the module's, for arguments. */
  #roomAt = 0;
  #roomSize = 0;

  constructor(wasm: Uint8Array<ArrayBuffer>) {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
    this.#memory = this.#exports["memory"] as WebAssembly.Memory;
    const description = this.#slice(this.#function("zig:describe")());
    this.declarations = JSON.parse(new TextDecoder().decode(description)) as ZigDeclaration[];
  }

  bind({ name, params = [], returns = "void" }: ZigDeclaration): Callable {
    const call = this.#function(`zig:${name}`);
    return (...args) => {
      if (args.length !== params.length) {
        throw new TypeError(`${name} takes ${params.length} arguments, not ${args.length}`);
      }
      const values = params.map((type, i) => toZig(type, args[i], `${name}, argument ${i + 1}`));
      const slices = this.#putSlices(values);
      const lowered = values.flatMap((value) =>
        value instanceof Uint8Array ? [slices.get(value) ?? 0, value.length] : [value],
      );
      const result = this.#run(name, call, lowered);
      params.forEach((type, i) => {
        const buffer = values[i];
        if (type !== "buffer" || !(buffer instanceof Uint8Array)) return;
        buffer.set(new Uint8Array(this.#memory.buffer, slices.get(buffer) ?? 0, buffer.length));
      });
      return this.#fromZig(returns, result);
    };
  }

  #run(name: string, call: WasmFunction, args: (number | bigint)[]): number | bigint | undefined {
    try {
      return call(...args);
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      const message = new TextDecoder().decode(this.#slice(this.#function("zig:panic")()));
      throw new Error(`${name} panicked: ${message || cause.message}`, { cause });
    }
  }

  /** Copies the slices in, one behind the other; each has the address under its array. */
  #putSlices(values: readonly unknown[]): Map<Uint8Array, number> {
    const slices = new Map<Uint8Array, number>();
    const arrays = values.filter((value) => value instanceof Uint8Array);
    this.#reserve(arrays.reduce((size, array) => size + array.length, 0));
    let at = this.#roomAt;
    for (const array of arrays) {
      if (slices.has(array)) continue;
      new Uint8Array(this.#memory.buffer).set(array, at);
      slices.set(array, at);
      at += array.length;
    }
    return slices;
  }

  /** Pages that `memory.grow` gives are nobody else's, even when the Zig code allocates. */
  #reserve(size: number): void {
    if (size <= this.#roomSize) return;
    const pages = Math.ceil(size / PAGE_SIZE);
    this.#roomAt = this.#memory.grow(pages) * PAGE_SIZE;
    this.#roomSize = pages * PAGE_SIZE;
  }

  #fromZig(type: ZigType, value: number | bigint | undefined): unknown {
    switch (type) {
      case "void":
        return undefined;
      case "bool":
        return value === 1;
      case "bytes":
      case "buffer":
        return this.#slice(value).slice();
      case "u32":
      case "usize":
        return Number(value) >>> 0;
      case "u64":
        return BigInt.asUintN(64, value as bigint);
      default:
        return value;
    }
  }

  /** The memory that a packed slice points at. */
  #slice(packed: number | bigint | undefined): Uint8Array {
    const bits = BigInt.asUintN(64, BigInt(packed ?? 0));
    const length = Number(bits & 0xffff_ffffn);
    return new Uint8Array(this.#memory.buffer, length && Number(bits >> 32n), length);
  }

  #function(name: string): WasmFunction {
    return this.#exports[name] as WasmFunction;
  }
}

function toZig(type: ZigType, value: unknown, what: string): number | bigint | Uint8Array {
  if (type === "bytes" || type === "buffer") {
    if (value instanceof Uint8Array) return value;
    if (type === "bytes" && typeof value === "string") return utf8.encode(value);
    throw new TypeError(`${what} must be a Uint8Array${type === "bytes" ? " or a string" : ""}`);
  }
  if (type === "bool" && typeof value === "boolean") return value ? 1 : 0;
  if ((type === "f32" || type === "f64") && typeof value === "number") return value;
  if ((type === "u64" || type === "i64") && typeof value === "bigint") {
    const kept = type === "u64" ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
    if (kept === value) return value;
    throw new RangeError(`${what} must be in the range of ${type}, not ${value}`);
  }
  const range = INTEGER_RANGES[type];
  if (range === undefined || typeof value !== "number") {
    throw new TypeError(`${what} must be ${type}, not ${typeof value}`);
  }
  if (Number.isInteger(value) && value >= range[0] && value <= range[1]) return value;
  throw new RangeError(`${what} must be in the range of ${type}, not ${value}`);
}
