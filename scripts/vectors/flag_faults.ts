// The invalid vectors of sections `bits` and `flag`.

import {
  EXAMPLE_FILE,
  fault,
  type FaultVector,
  FLAG_AT,
  resealed,
  sealed,
} from "./fault_vector.ts";
import { bitsSection, flagSection, type RawSection } from "./file_builder.ts";

function flags(
  name: string,
  proves: string,
  at: [number, string],
  ...entries: Parameters<typeof flagSection>
): FaultVector {
  return fault(name, proves, at, sealed({ sections: [flagSection(...entries)] }));
}

function bits(name: string, proves: string, offset: number, section: RawSection): FaultVector {
  return fault(name, proves, [offset, "bits"], sealed({ sections: [section] }));
}

/** Of the payload, which is as far into the file as the first flag of a table. */
const BITS_AT = FLAG_AT;

const BITS_FAULTS: FaultVector[] = [
  bits("bits_empty", "A section bits without a word.", BITS_AT, bitsSection()),
  bits("bits_size", "A section bits of three bytes.", BITS_AT, {
    tag: "bits",
    payload: Uint8Array.of(1, 1, 1),
  }),
  bits(
    "bits_long",
    "32 words: a flag beyond the 1024th.",
    BITS_AT,
    bitsSection(...Array.from({ length: 32 }, () => 1)),
  ),
  bits("bits_last_zero", "A last word of zeros.", BITS_AT + 4, bitsSection(1, 0)),
];

export const FLAG_FAULTS: FaultVector[] = [
  ...BITS_FAULTS,
  flags("flag_table_empty", "A flag table without entries.", [FLAG_AT, "flag table"]),
  fault(
    "flag_table_size",
    "A flag table of 63 bytes.",
    [FLAG_AT, "flag table"],
    sealed({ sections: [{ tag: "flag", payload: new Uint8Array(63) }] }),
  ),
  flags("flag_bit_1024", "A flag at bit 1024.", [FLAG_AT, "flag bit"], { bit: 1024, name: "A" }),
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
    [FLAG_AT + 68, "flag name"],
    { bit: 2, name: "A" },
    { bit: 3, name: "A" },
  ),
  flags("flag_name_empty", "A flag without a name.", [FLAG_AT + 2, "flag name length"], {
    bit: 2,
    name: "",
  }),
  flags("flag_name_long", "A name of 61 bytes.", [FLAG_AT + 2, "flag name length"], {
    bit: 2,
    name: "A".repeat(60),
    nameLength: 61,
  }),
  flags(
    "flag_name_case",
    "Two names that differ by case alone.",
    [FLAG_AT + 68, "flag name"],
    { bit: 2, name: "debug" },
    { bit: 3, name: "DeBug" },
  ),
  fault(
    "flag_zero",
    "The byte of an entry that is always zero.",
    [FLAG_AT + 3, "flag zero"],
    resealed(EXAMPLE_FILE, FLAG_AT + 3, 1),
  ),
  flags("flag_name_dot", "A name that starts with a dot.", [FLAG_AT + 4, "flag name"], {
    bit: 2,
    name: ".a",
  }),
  flags("flag_name_space", "A name with a space.", [FLAG_AT + 4, "flag name"], {
    bit: 2,
    name: "a b",
  }),
  flags("flag_name_digit", "A name that starts with a digit.", [FLAG_AT + 4, "flag name"], {
    bit: 2,
    name: "0A",
  }),
  flags(
    "flag_name_underscore",
    "A name that starts with an underscore.",
    [FLAG_AT + 4, "flag name"],
    { bit: 2, name: "_A" },
  ),
  flags(
    "flag_name_new_line",
    "A name that ends in a new line, which a $ would let pass.",
    [FLAG_AT + 4, "flag name"],
    { bit: 2, name: "A\n" },
  ),
  flags("flag_name_zero", "A name longer than its text.", [FLAG_AT + 4, "flag name"], {
    bit: 2,
    name: "A",
    nameLength: 2,
  }),
  flags("flag_name_padding", "A name shorter than its text.", [FLAG_AT + 5, "flag name padding"], {
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
