// The worked example of docs/format.md: every byte of a file with its field.

const BYTES_PER_LINE = 16;
const FLAG_ENTRY_SIZE = 64;

const HEADER_FIELDS: readonly (readonly [size: number, field: string])[] = [
  [4, "magic"],
  [1, "configVersion"],
  [4, "registryHash"],
  [4, "featureFlags"],
  [1, "terminalMode"],
  [1, "rows"],
  [1, "cols"],
  [8, "checksum; its first byte ends the record"],
  [4, "generation"],
  [4, "state"],
  [8, "keyId"],
  [8, "seal: CRC-64/XZ"],
  [56, "seal: zeros"],
  [4, "packageCount"],
];

/** @param bytes a valid unsigned file without packages */
function annotate(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const lines: string[] = [];
  let at = 0;
  const take = (size: number, field: string): Uint8Array => {
    const taken = bytes.subarray(at, at + size);
    lines.push(...fieldLines(at, taken, field));
    at += size;
    return taken;
  };
  for (const [size, field] of HEADER_FIELDS) take(size, field);
  while (at < bytes.length) {
    const tag = Buffer.from(take(4, "section tag")).toString("latin1");
    const end = at + 4 + view.getUint32(at, true);
    take(4, `length of section "${tag}"`);
    const entries = tag === "flag" ? (end - at) / FLAG_ENTRY_SIZE : 0;
    for (let entry = 0; entry < entries; entry++) {
      take(2, "flag bit");
      const [nameSize = 0] = take(1, "flag name length");
      take(1, "flag zero");
      take(nameSize, "flag name");
      take(FLAG_ENTRY_SIZE - 4 - nameSize, "flag name padding");
    }
    if (at < end) take(end - at, tag);
  }
  return lines.join("\n");
}

/** Offset, bytes in hex, as text, and the field on its first line. */
function fieldLines(offset: number, bytes: Uint8Array, field: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += BYTES_PER_LINE) {
    const part = [...bytes.subarray(start, start + BYTES_PER_LINE)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    // A single byte is a number here.
    const isText = part.length > 1 && part.every((byte) => byte >= 0x20 && byte < 0x7f);
    const text = isText ? String.fromCharCode(...part) : "";
    const note = start === 0 ? field : "";
    const line = `${String(offset + start).padStart(3)}  ${hex.padEnd(48)} ${text.padEnd(17)}${note}`;
    lines.push(line.trimEnd());
  }
  return lines;
}

const EXAMPLE_START = "<!-- example -->\n";
const EXAMPLE_END = "<!-- /example -->\n";

/** The page with its example written anew. */
export function withExample(page: string, bytes: Uint8Array): string {
  const start = page.indexOf(EXAMPLE_START);
  const end = page.indexOf(EXAMPLE_END);
  if (start === -1 || end === -1) throw new Error("docs/format.md has lost its example marks");
  const example = `${EXAMPLE_START}\n\`\`\`\n${annotate(bytes)}\n\`\`\`\n\n`;
  return page.slice(0, start) + example + page.slice(end);
}
