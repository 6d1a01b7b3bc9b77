// The invalid vectors of the header and the unsigned seal.

import {
  EXAMPLE_FILE,
  fault,
  type FaultVector,
  FLAG_AT,
  resealed,
  sealed,
} from "./fault_vector.ts";
import { patch } from "./file_builder.ts";

export const HEADER_FAULTS: FaultVector[] = [
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
