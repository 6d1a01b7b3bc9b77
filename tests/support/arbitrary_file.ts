/** Random configuration files for properties, from few values, so that two of them often meet. */

import fc from "fast-check";
import { compareBytes } from "../../src/format/bytes.ts";
import type { File } from "../../src/format/file.ts";
import type { FlagMeta, Meta } from "../../src/format/meta.ts";
import { type Record, TERMINAL_MODES } from "../../src/format/record.ts";
import { registryHash } from "../../src/format/registry_url.ts";

const URLS = ["https://a.example.test", "https://b.example.test"] as const;
const NAMES = ["ALPHA", "Beta", "new-checkout", "payments.v2"] as const;

/** Members that are undefined are left out, as in a decoded file. */
function compact<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as T;
}

const optional = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const flagMeta: fc.Arbitrary<FlagMeta> = fc
  .record({
    description: optional("first", "second"),
    owner: optional("ann", "bob"),
    expires: optional("2030-12-31", "2031-12-31"),
    live: optional("none" as const, "off" as const),
    retired: optional(true as const),
  })
  .map((meta) => compact(meta) as FlagMeta);

const flagTable = fc.uniqueArray(
  fc.record({
    bit: fc.constantFrom(0, 1, 2, 3, 32, 1023),
    name: fc.constantFrom(...NAMES),
    meta: flagMeta,
  }),
  { maxLength: 4, selector: ({ name }) => name },
);

const registries = fc.record({
  default: optional(...URLS),
  "@one": optional(...URLS),
  "@two": optional(...URLS),
});

const settings: fc.Arbitrary<Omit<Record, "registryHash">> = fc.record({
  version: fc.constantFrom(0, 1),
  featureFlags: fc.constantFrom(0n, 1n, 5n, 0x80000003n, 1n << 32n, (1n << 1023n) | 1n),
  terminalMode: fc.constantFrom(...TERMINAL_MODES),
  rows: fc.constantFrom(0, 24, 30),
  cols: fc.constantFrom(80, 120),
});

const packages = fc
  .uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })
  .map((digests) =>
    Buffer.concat(digests.map((digest) => new Uint8Array(32).fill(digest)).toSorted(compareBytes)),
  )
  .map((bytes) => new Uint8Array(bytes));

const extensions = fc
  .subarray(["Abcd", "Wxyz"])
  .chain((tags) =>
    fc.tuple(
      ...tags.map((tag) =>
        fc.constantFrom(1, 2).map((byte) => ({ tag, payload: Uint8Array.of(byte), offset: 0 })),
      ),
    ),
  );

/** Any unsigned file that can be encoded. */
export const arbitraryFile: fc.Arbitrary<File> = fc
  .record({
    settings,
    flagTable,
    registries,
    packages,
    extensions,
    project: optional("shop", "blog"),
    minimum: optional("1.4.5", "1.5.0"),
    unsigned: fc.subarray([...URLS]),
    online: optional(["0".repeat(64)], ["0".repeat(64), "a".repeat(64)]),
    signed: optional<Meta["signed"]>(
      { audience: ["production"] },
      { audience: ["staging"], expires: "2027-01-31", keys: ["0".repeat(64)] },
    ),
    frozen: fc.constantFrom(false, false, false, true),
    generation: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ flagTable: table, registries: urls, ...parts }) => {
    const flags = table
      .filter((flag, index) => table.findIndex(({ bit }) => bit === flag.bit) === index)
      .toSorted((a, b) => a.bit - b.bit);
    const texts = flags.filter(({ meta }) => Object.keys(meta).length > 0);
    const known = compact(urls);
    const meta = compact({
      project: parts.project,
      registries: Object.keys(known).length === 0 ? undefined : known,
      flags:
        texts.length === 0
          ? undefined
          : Object.fromEntries(texts.map(({ name, meta: text }) => [name, text])),
      bun: parts.minimum === undefined ? undefined : { minimum: parts.minimum },
      online: parts.online,
      signed: parts.signed,
      upgrade: parts.unsigned.length === 0 ? undefined : { unsigned: parts.unsigned },
    });
    return {
      record: { ...parts.settings, registryHash: registryHash(urls.default ?? URLS[0]) },
      generation: parts.generation,
      frozen: parts.frozen,
      signature: null,
      packages: parts.packages,
      flags: flags.map(({ bit, name }) => ({ bit, name })),
      meta: meta as Meta,
      extensions: parts.extensions,
    };
  });

/** What a side of a merge may have changed. */
const PARTS: readonly ((base: File, other: File) => File)[] = [
  (base, other) => ({ ...base, packages: other.packages }),
  (base, other) => ({ ...base, extensions: other.extensions }),
  (base, other) => ({ ...base, frozen: other.frozen }),
  (base, other) => ({ ...base, record: { ...base.record, version: other.record.version } }),
  (base, other) => ({ ...base, record: { ...base.record, rows: other.record.rows } }),
  (base, other) => ({
    ...base,
    record: { ...base.record, terminalMode: other.record.terminalMode, cols: other.record.cols },
  }),
  (base, other) => ({
    ...base,
    record: { ...base.record, featureFlags: other.record.featureFlags },
  }),
  (base, other) => ({
    ...base,
    flags: other.flags,
    meta: compact({ ...base.meta, flags: other.meta.flags }) as Meta,
  }),
  (base, other) => ({
    ...base,
    record: { ...base.record, registryHash: other.record.registryHash },
    meta: compact({ ...base.meta, registries: other.meta.registries }) as Meta,
  }),
  (base, other) => ({
    ...base,
    meta: compact({
      ...other.meta,
      flags: base.meta.flags,
      registries: base.meta.registries,
    }) as Meta,
  }),
];

function side(base: File): fc.Arbitrary<File> {
  return fc
    .tuple(arbitraryFile, fc.subarray([...PARTS], { maxLength: 4 }))
    .map(([other, parts]) => {
      const written = { ...base, generation: base.generation + parts.length };
      return parts.reduce((file, change) => change(file, other), written);
    });
}

/** A file and two others that came from it by a few changes each. */
export const arbitraryBranches: fc.Arbitrary<readonly [File, File, File]> = arbitraryFile.chain(
  (base) => fc.tuple(fc.constant(base), side(base), side(base)),
);
