// The invalid vectors of package records and sections.

import { EXAMPLE_FILE, fault, type FaultVector, resealed, sealed } from "./fault_vector.ts";
import { join, reseal, sigsSection } from "./file_builder.ts";

function optional(tag: string): { tag: string; payload: Uint8Array } {
  return { tag, payload: new Uint8Array(2) };
}

function packages(...firstBytes: number[]): Uint8Array[] {
  return firstBytes.map((first) => new Uint8Array(32).fill(first, 31));
}

/** Of the payload of the only section. */
const SIGS_AT = 116;

function sigs(name: string, proves: string, at: [number, string], section: object): FaultVector {
  return fault(name, proves, at, sealed({ sections: [{ ...sigsSection(), ...section }] }));
}

const SIGS_FAULTS: FaultVector[] = [
  sigs("sigs_unsigned", "Signatures in an unsigned file.", [SIGS_AT, "sigs"], sigsSection(1, 2)),
  sigs("sigs_empty", "A section sigs without a signature.", [SIGS_AT, "sigs"], {}),
  sigs("sigs_size", "A section sigs of 71 bytes.", [SIGS_AT, "sigs"], {
    payload: new Uint8Array(71).fill(1),
  }),
  sigs(
    "sigs_max",
    "17 signatures.",
    [SIGS_AT, "sigs"],
    sigsSection(...Array.from({ length: 17 }, (_, i) => i + 1)),
  ),
  sigs("sigs_key_zero", "A key id of zeros.", [SIGS_AT, "sigs key id"], sigsSection(0, 1)),
  sigs("sigs_key_same", "A key id twice.", [SIGS_AT + 72, "sigs key id"], sigsSection(1, 1)),
  sigs("sigs_key_order", "Key ids out of order.", [SIGS_AT + 72, "sigs key id"], sigsSection(2, 1)),
];

export const BODY_FAULTS: FaultVector[] = [
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
  ...SIGS_FAULTS,
  fault(
    "section_required",
    "A required section that no reader knows yet.",
    [108, "section tag"],
    sealed({ sections: [optional("zone")] }),
  ),
];
