// The invalid vectors: one fault each, everything else in order, so that only the check for that
// fault can refuse it. Checksum and seal are right unless they are the fault.

import { buildFile, flagSection, join, patch, type RawFile, reseal } from "./file_builder.ts";
import { META_FAULTS } from "./meta_faults.ts";
import { EXAMPLE, SIGNED } from "./valid.ts";

export interface FaultVector {
  file: string;
  /** The part of a reader that must refuse it. */
  layer: "structure" | "meta" | "signature";
  proves: string;
  /** Where the reader here reports it; nothing for a signature. */
  error?: { offset: number; field: string };
  bytes: Uint8Array;
}

const EXAMPLE_FILE = buildFile(EXAMPLE);
/** Of the flag section's first entry in the example: after the package count and a head. */
const FLAG_AT = 116;

function fault(
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

function sealed(raw: RawFile): Uint8Array {
  return buildFile({ ...EXAMPLE, ...raw });
}

function resealed(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  return reseal(patch(bytes, offset, ...values));
}

function optional(tag: string): { tag: string; payload: Uint8Array } {
  return { tag, payload: new Uint8Array(2) };
}

const HEADER_FAULTS: FaultVector[] = [
  fault("empty", "A file of no bytes.", [0, "header"], new Uint8Array()),
  fault(
    "header_short",
    "A header that lacks its last byte.",
    [103, "header"],
    EXAMPLE_FILE.slice(0, 103),
  ),
  fault("magic", "Another magic.", [0, "magic"], resealed(EXAMPLE_FILE, 3, 0x32)),
  fault(
    "magic_swapped",
    "The magic as a big-endian writer would have it.",
    [0, "magic"],
    resealed(EXAMPLE_FILE, 0, 0x31, 0x4e, 0x55, 0x42),
  ),
  fault("version_unknown", "Config version 2.", [4, "configVersion"], sealed({ version: 2 })),
  fault(
    "terminal_mode_unknown",
    "Terminal mode 4.",
    [13, "terminalMode"],
    sealed({ terminalMode: 4 }),
  ),
  fault("check_byte", "The record's check byte.", [16, "checksum"], patch(EXAMPLE_FILE, 16, 0)),
  fault(
    "checksum_last_byte",
    "The checksum's last byte.",
    [16, "checksum"],
    patch(EXAMPLE_FILE, 23, 0),
  ),
  fault(
    "checksum_stale",
    "A flag switched on without the checksum: the fault of a writer in place.",
    [16, "checksum"],
    patch(EXAMPLE_FILE, 9, 5),
  ),
  fault("state_bit_1", "A reserved state bit.", [28, "state"], sealed({ state: 2 })),
  fault("state_bit_31", "The highest state bit.", [28, "state"], sealed({ state: 0x8000_0001 })),
  fault("seal", "An unsigned seal that is wrong.", [40, "seal"], patch(EXAMPLE_FILE, 40, 0)),
  fault(
    "seal_padding_first",
    "A byte after an unsigned seal.",
    [48, "seal"],
    patch(EXAMPLE_FILE, 48, 1),
  ),
  fault(
    "seal_padding_last",
    "The header's last byte.",
    [103, "seal"],
    patch(EXAMPLE_FILE, 103, 128),
  ),
  fault(
    "generation_stale_seal",
    "A generation put back without the seal.",
    [40, "seal"],
    patch(EXAMPLE_FILE, 24, 0),
  ),
  fault(
    "body_stale_seal",
    "A flag renamed without the seal.",
    [40, "seal"],
    patch(EXAMPLE_FILE, FLAG_AT + 2, 0x45),
  ),
];

function packages(...firstBytes: number[]): Uint8Array[] {
  return firstBytes.map((first) => new Uint8Array(32).fill(first, 31));
}

const BODY_FAULTS: FaultVector[] = [
  fault(
    "body_missing",
    "A header alone.",
    [104, "packageCount"],
    reseal(EXAMPLE_FILE.slice(0, 104)),
  ),
  fault(
    "package_count_short",
    "A package count of three bytes.",
    [104, "packageCount"],
    reseal(EXAMPLE_FILE.slice(0, 107)),
  ),
  fault(
    "package_count_max",
    "2^17 + 1 packages.",
    [104, "packageCount"],
    sealed({ packageCount: 2 ** 17 + 1, sections: [] }),
  ),
  fault(
    "package_count_overflow",
    "2^27 + 1 packages: times 32 it wraps round in 32 bits.",
    [104, "packageCount"],
    sealed({ packageCount: 2 ** 27 + 1, packages: packages(1), sections: [] }),
  ),
  fault(
    "packages_short",
    "More packages than bytes.",
    [108, "packages"],
    sealed({ packageCount: 2, packages: packages(1), sections: [] }),
  ),
  fault(
    "packages_same",
    "A package twice.",
    [140, "packages"],
    sealed({ packages: packages(1, 1) }),
  ),
  fault(
    "packages_descending",
    "Packages out of order; as signed bytes they would be in order.",
    [140, "packages"],
    sealed({ packages: packages(0x80, 0x7f) }),
  ),
  fault(
    "trailing_byte",
    "A byte after the last section.",
    [EXAMPLE_FILE.length, "section"],
    reseal(join(EXAMPLE_FILE, Uint8Array.of(0))),
  ),
  fault(
    "section_head_short",
    "Seven bytes where a section would begin.",
    [108, "section"],
    reseal(join(sealed({ sections: [] }), Buffer.from("Note\0\0\0"))),
  ),
  fault(
    "section_length",
    "A section one byte longer than the file.",
    [112, 'length of section "Note"'],
    resealed(sealed({ sections: [optional("Note")] }), 112, 3),
  ),
  fault(
    "section_length_overflow",
    "A section of 2^32 - 1 bytes.",
    [112, 'length of section "Note"'],
    resealed(sealed({ sections: [optional("Note")] }), 112, 255, 255, 255, 255),
  ),
  fault(
    "section_tag_digit",
    "A tag that starts with a digit.",
    [108, "section tag"],
    sealed({ sections: [optional("1abc")] }),
  ),
  fault(
    "section_tag_space",
    "A tag with a space.",
    [108, "section tag"],
    sealed({ sections: [optional("Not ")] }),
  ),
  fault(
    "section_tag_zero",
    "A tag of zero bytes.",
    [108, "section tag"],
    sealed({ sections: [optional("\0\0\0\0")] }),
  ),
  fault(
    "section_tag_high",
    "A tag with a byte beyond ASCII.",
    [108, "section tag"],
    resealed(sealed({ sections: [optional("Note")] }), 108, 0xce),
  ),
  fault(
    "sections_order",
    "Sections out of order.",
    [118, "section tag"],
    sealed({ sections: [optional("Note"), optional("Memo")] }),
  ),
  fault(
    "sections_same",
    "An optional section twice.",
    [118, "section tag"],
    sealed({ sections: [optional("Note"), optional("Note")] }),
  ),
  fault(
    "sections_max",
    "65 sections.",
    [108 + 64 * 8, "sections"],
    sealed({
      sections: Array.from({ length: 65 }, (_, i) => ({
        tag: `X${String(i).padStart(3, "0")}`,
        payload: new Uint8Array(),
      })),
    }),
  ),
  fault(
    "section_required",
    "A required section that no reader knows yet.",
    [108, "section tag"],
    sealed({ sections: [optional("zone")] }),
  ),
];

function flags(
  name: string,
  proves: string,
  at: [number, string],
  ...entries: Parameters<typeof flagSection>
): FaultVector {
  return fault(name, proves, at, sealed({ sections: [flagSection(...entries)] }));
}

const FLAG_FAULTS: FaultVector[] = [
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
  signature("signed_body", "A flag renamed in a signed file.", patch(SIGNED, FLAG_AT + 2, 0x45)),
  signature("signed_other_key", "A key that is not trusted.", patch(SIGNED, 32, 0)),
];

export const FAULT_VECTORS: FaultVector[] = [
  ...HEADER_FAULTS,
  ...BODY_FAULTS,
  ...FLAG_FAULTS,
  ...META_FAULTS,
  ...SIGNATURE_FAULTS,
];
