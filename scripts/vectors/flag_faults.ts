// The invalid vectors of section `flag`.

import {
  EXAMPLE_FILE,
  fault,
  type FaultVector,
  FLAG_AT,
  resealed,
  sealed,
} from "./fault_vector.ts";
import { flagSection } from "./file_builder.ts";

function flags(
  name: string,
  proves: string,
  at: [number, string],
  ...entries: Parameters<typeof flagSection>
): FaultVector {
  return fault(name, proves, at, sealed({ sections: [flagSection(...entries)] }));
}

export const FLAG_FAULTS: FaultVector[] = [
  flags("flag_table_empty", "A flag table without entries.", [FLAG_AT, "flag table"]),
  fault(
    "flag_table_size",
    "A flag table of 63 bytes.",
    [FLAG_AT, "flag table"],
    sealed({ sections: [{ tag: "flag", payload: new Uint8Array(63) }] }),
  ),
  flags("flag_bit_32", "A flag at bit 32.", [FLAG_AT, "flag bit"], { bit: 32, name: "A" }),
  flags(
    "flag_bit_same",
    "Two flags of one bit.",
    [FLAG_AT + 64, "flag bit"],
    { bit: 2, name: "A" },
    { bit: 2, name: "B" },
  ),
  flags(
    "flag_bit_order",
    "Flags out of order.",
    [FLAG_AT + 64, "flag bit"],
    { bit: 3, name: "A" },
    { bit: 2, name: "B" },
  ),
  flags(
    "flag_name_same",
    "Two flags of one name.",
    [FLAG_AT + 66, "flag name"],
    { bit: 2, name: "A" },
    { bit: 3, name: "A" },
  ),
  flags("flag_name_empty", "A flag without a name.", [FLAG_AT + 1, "flag name length"], {
    bit: 2,
    name: "",
  }),
  flags("flag_name_long", "A name of 63 bytes.", [FLAG_AT + 1, "flag name length"], {
    bit: 2,
    name: "A".repeat(62),
    nameLength: 63,
  }),
  flags("flag_name_lower_case", "A name in lower case.", [FLAG_AT + 2, "flag name"], {
    bit: 2,
    name: "debug",
  }),
  flags("flag_name_digit", "A name that starts with a digit.", [FLAG_AT + 2, "flag name"], {
    bit: 2,
    name: "0A",
  }),
  flags(
    "flag_name_underscore",
    "A name that starts with an underscore.",
    [FLAG_AT + 2, "flag name"],
    { bit: 2, name: "_A" },
  ),
  flags(
    "flag_name_new_line",
    "A name that ends in a new line, which a $ would let pass.",
    [FLAG_AT + 2, "flag name"],
    { bit: 2, name: "A\n" },
  ),
  flags("flag_name_zero", "A name longer than its text.", [FLAG_AT + 2, "flag name"], {
    bit: 2,
    name: "A",
    nameLength: 2,
  }),
  flags("flag_name_padding", "A name shorter than its text.", [FLAG_AT + 3, "flag name padding"], {
    bit: 2,
    name: "AB",
    nameLength: 1,
  }),
  fault(
    "flag_padding_last",
    "The last byte of an entry.",
    [FLAG_AT + 63, "flag name padding"],
    resealed(EXAMPLE_FILE, FLAG_AT + 63, 1),
  ),
];
