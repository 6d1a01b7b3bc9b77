// The valid vectors: what a reader must accept.

import { createHash, createPrivateKey, sign } from "node:crypto";
import {
  bitsSection,
  buildFile,
  flagSection,
  join,
  metaSection,
  patch,
  type RawFile,
} from "./file_builder.ts";

export interface ValidVector {
  file: string;
  proves: string;
  bytes: Uint8Array;
}

/** MurmurHash3 of `https://registry.example.test`; checked against Bun.hash in the tests. */
const EXAMPLE_HASH = 0xc8c87440;
export const EXAMPLE_REGISTRY = '"registries":{"default":"https://registry.example.test"}';

/** RFC 8032, section 7.1, TEST 1. A published key: it must never be trusted for anything else. */
const TEST_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
export const TEST_PUBLIC_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/** What `init` writes, with DEBUG on: the base of most vectors. */
export const EXAMPLE: RawFile = {
  registryHash: EXAMPLE_HASH,
  featureFlags: 4,
  sections: [flagSection({ bit: 2, name: "DEBUG" }), metaSection(`{${EXAMPLE_REGISTRY}}`)],
};

const LONGEST_NAME = `L${"0_z.-".repeat(11)}Last`;

function packageRecord(first: number): Uint8Array {
  return new Uint8Array(32).fill(0xab).fill(first, 0, 1);
}

const FULL_META =
  '{"bun":{"minimum":"1.4.5"},' +
  '"flags":{"DEBUG":{"description":"Prints a \\"trace\\" \\\\ über 漢字 😀","expires":"2028-02-29",' +
  '"owner":"Team A"},"OLD":{"retired":true}},' +
  '"project":"@acme/app",' +
  '"registries":{"@acme":"https://npm.acme.example.test:8443/team/a","@~x":"http://127.0.0.1:4873",' +
  '"default":"https://registry.example.test"},' +
  '"upgrade":{"unsigned":["http://127.0.0.1:4873","https://registry.example.test"]}}';

function signed(raw: RawFile): Uint8Array {
  const publicKey = Buffer.from(TEST_PUBLIC_KEY, "hex");
  const keyId = createHash("sha256").update(publicKey).digest().subarray(0, 8);
  const bytes = patch(buildFile(raw), 32, ...keyId);
  const body = createHash("sha256").update(bytes.subarray(104)).digest();
  const message = join(Buffer.from("immuconfig/v1\0"), bytes.subarray(0, 40), body);
  const seed = Buffer.from(TEST_SEED, "hex");
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  return patch(bytes, 40, ...sign(null, message, key));
}

export const SIGNED: Uint8Array = signed({ ...EXAMPLE, generation: 7 });

function valid(name: string, proves: string, raw: RawFile): ValidVector {
  return { file: `valid/${name}.lockb`, proves, bytes: buildFile(raw) };
}

export const VALID_VECTORS: ValidVector[] = [
  valid("defaults", "The golden record of the example registry with flag bit 2.", EXAMPLE),
  valid("no_sections", "The smallest file: a package count of zero and no section.", {
    registryHash: 0x84e59ac7,
  }),
  valid("legacy_version", "Config version 0 is read.", { version: 0 }),
  valid("frozen", "State bit 0 freezes.", { ...EXAMPLE, state: 1 }),
  valid("generation_zero", "The lowest generation.", { generation: 0 }),
  valid("generation_max", "The highest generation is unsigned.", { generation: 0xffff_ffff }),
  valid("terminal_none", "Terminal mode 0; rows and columns of the terminal.", {
    terminalMode: 0,
    rows: 0,
    cols: 0,
  }),
  valid("terminal_raw", "Terminal mode 2; the greatest rows and columns.", {
    terminalMode: 2,
    rows: 255,
    cols: 255,
  }),
  valid("terminal_pipe", "Terminal mode 3.", { terminalMode: 3 }),
  valid("all_flags", "All 1024 flags on; bit 31 makes no sign; a name of 60 bytes.", {
    featureFlags: 0xffff_ffff,
    sections: [
      bitsSection(...Array.from({ length: 31 }, () => 0xffff_ffff)),
      flagSection(...Array.from({ length: 1023 }, (_, bit) => ({ bit, name: `F${bit}` })), {
        bit: 1023,
        name: LONGEST_NAME,
      }),
    ],
  }),
  valid("flag_1023", "The last flag alone: 31 words of bits.", {
    sections: [bitsSection(...Array.from({ length: 30 }, () => 0), 0x8000_0000)],
  }),
  valid("flag_32", "The first flag that the header has no room for.", {
    ...EXAMPLE,
    sections: [
      bitsSection(1),
      flagSection({ bit: 2, name: "DEBUG" }, { bit: 32, name: "new-checkout" }),
      metaSection(`{${EXAMPLE_REGISTRY}}`),
    ],
  }),
  valid("flag_names", "Names as people have them; that of a member of every object.", {
    featureFlags: 0b1010,
    sections: [
      flagSection(
        ...["new-checkout", "payments.v2", "Debug", "a", "constructor", "x_-."].map(
          (name, bit) => ({
            bit,
            name,
          }),
        ),
      ),
      metaSection('{"flags":{"constructor":{"owner":"a"},"payments.v2":{"retired":true}}}'),
    ],
  }),
  valid("unnamed_flag", "A set bit needs no name.", { featureFlags: 0x8000_0001 }),
  valid("packages", "Package records in ascending order, as unsigned bytes.", {
    packages: [packageRecord(0x01), packageRecord(0x7f), packageRecord(0x80)],
  }),
  valid("extensions", "Optional sections, one empty, are kept as they are.", {
    ...EXAMPLE,
    sections: [
      { tag: "Note", payload: Uint8Array.of(0, 255, 10) },
      { tag: "Zz09", payload: new Uint8Array() },
      ...(EXAMPLE.sections ?? []),
    ],
  }),
  valid("sections_max", "64 sections are allowed.", {
    sections: Array.from({ length: 64 }, (_, i) => ({
      tag: `X${String(i).padStart(3, "0")}`,
      payload: new Uint8Array(),
    })),
  }),
  valid("full_meta", "Every member of meta; escapes and text beyond ASCII.", {
    registryHash: EXAMPLE_HASH,
    sections: [
      flagSection({ bit: 2, name: "DEBUG" }, { bit: 3, name: "OLD" }),
      metaSection(FULL_META),
    ],
  }),
  valid("live_rules", "What overrides may do to flags, and by which keys.", {
    registryHash: EXAMPLE_HASH,
    sections: [
      flagSection({ bit: 2, name: "DEBUG" }, { bit: 3, name: "OLD" }),
      metaSection(
        '{"flags":{"DEBUG":{"live":"off"},"OLD":{"live":"none"}},' +
          `"online":["${"0".repeat(64)}","${TEST_PUBLIC_KEY}"]}`,
      ),
    ],
  }),
  {
    file: "valid/signed.lockb",
    proves: "A file signed by the key that index.json names.",
    bytes: SIGNED,
  },
];
