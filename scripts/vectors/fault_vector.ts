// What an invalid vector is, and how most are made: the example with one fault in it.

import { buildFile, patch, type RawFile, reseal } from "./file_builder.ts";
import { EXAMPLE } from "./valid.ts";

export interface FaultVector {
  file: string;
  /** The part of a reader that must refuse it. */
  layer: "structure" | "meta" | "signature";
  proves: string;
  /** Where the reader here reports it; nothing for a signature. */
  error?: { offset: number; field: string };
  bytes: Uint8Array;
}

export const EXAMPLE_FILE: Uint8Array = buildFile(EXAMPLE);
/** Of the flag section's first entry in the example: after the package count and a head. */
export const FLAG_AT = 116;

/** A fault of the structure, reported at `offset` in `field`. */
export function fault(
  name: string,
  proves: string,
  [offset, field]: [number, string],
  bytes: Uint8Array,
): FaultVector {
  return {
    file: `invalid/${name}.lockb`,
    layer: "structure",
    proves,
    error: { offset, field },
    bytes,
  };
}

/** The example with other content, sealed again. */
export function sealed(raw: RawFile): Uint8Array {
  return buildFile({ ...EXAMPLE, ...raw });
}

/** A copy with other bytes, checksum and seal right again. */
export function resealed(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  return reseal(patch(bytes, offset, ...values));
}
