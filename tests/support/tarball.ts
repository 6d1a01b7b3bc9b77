/** Makes tar archives, the good and the hostile. */

export interface TarEntry {
  path: string;
  content?: Uint8Array | string;
  /** The type flag; default `0`, a file. */
  type?: string;
  /** Where a link leads. */
  linkTarget?: string;
  /** The size that the header claims, when it lies. */
  claimedSize?: number;
}

const BLOCK_SIZE = 512;

/** A gzipped ustar archive of these entries, in this order. */
export function packTarball(entries: readonly TarEntry[]): Uint8Array<ArrayBuffer> {
  return Bun.gzipSync(new Uint8Array(packTar(entries)), { level: 1 });
}

/** An ustar archive of these entries, in this order. */
export function packTar(entries: readonly TarEntry[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "");
    blocks.push(tarHeader(entry, content.length), content);
    blocks.push(new Uint8Array((BLOCK_SIZE - (content.length % BLOCK_SIZE)) % BLOCK_SIZE));
  }
  blocks.push(new Uint8Array(2 * BLOCK_SIZE));
  return Buffer.concat(blocks);
}

function tarHeader(entry: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(BLOCK_SIZE);
  header.write(entry.path, 0, "latin1");
  header.write("000755 \0", 100, "latin1");
  header.write((entry.claimedSize ?? size).toString(8).padStart(11, "0"), 124, "latin1");
  header.write(" ".repeat(8), 148, "latin1");
  header.write(entry.type ?? "0", 156, "latin1");
  header.write(entry.linkTarget ?? "", 157, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** What an npm release of one program looks like. */
export function packRelease(
  member: string,
  program: Uint8Array | string,
  extra: readonly TarEntry[] = [],
): Uint8Array<ArrayBuffer> {
  return packTarball([
    { path: member, content: program },
    { path: "package/package.json", content: "{}" },
    { path: "package/README.md", content: "# a release\n" },
    ...extra,
  ]);
}
