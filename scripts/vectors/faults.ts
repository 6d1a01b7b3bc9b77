// The invalid vectors: one fault each, everything else in order, so that only the check for that
// fault can refuse it. Checksum and seal are right unless they are the fault.

import { BODY_FAULTS } from "./body_faults.ts";
import { type FaultVector, FLAG_AT } from "./fault_vector.ts";
import { patch } from "./file_builder.ts";
import { FLAG_FAULTS } from "./flag_faults.ts";
import { HEADER_FAULTS } from "./header_faults.ts";
import { META_FAULTS } from "./meta_faults.ts";
import { SIGNED } from "./valid.ts";

function signature(name: string, proves: string, bytes: Uint8Array): FaultVector {
  return { file: `invalid/${name}.lockb`, layer: "signature", proves, bytes };
}

const SIGNATURE_FAULTS: FaultVector[] = [
  signature("signature", "A signature that is wrong.", patch(SIGNED, 40, 0)),
  signature(
    "signed_generation",
    "A signed file put back to an older generation.",
    patch(SIGNED, 24, 6),
  ),
  signature("signed_body", "A flag renamed in a signed file.", patch(SIGNED, FLAG_AT + 4, 0x45)),
  signature("signed_other_key", "A key that is not trusted.", patch(SIGNED, 32, 0)),
];

export const FAULT_VECTORS: FaultVector[] = [
  ...HEADER_FAULTS,
  ...BODY_FAULTS,
  ...FLAG_FAULTS,
  ...META_FAULTS,
  ...SIGNATURE_FAULTS,
];
