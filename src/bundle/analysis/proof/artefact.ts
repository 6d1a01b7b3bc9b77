/** The texts in a built file: a bundle, the map in it or beside it, an executable. */

import { isExecutable, readExecutable } from "./executable.ts";
import { packing } from "./packed.ts";

export interface ArtefactText {
  /** The file, and the part of it: `dist/app.js.map, source src/app.ts`. */
  readonly label: string;
  readonly text: string;
  /** What an offset in the text means: a line and column, or a byte of the file from here on. */
  readonly origin: "text" | number;
  readonly isSourceMap: boolean;
}

/** A built file. */
export interface Artefact {
  readonly label: string;
  readonly bytes: Buffer;
  readonly texts: readonly ArtefactText[];
  /** What of it could not be looked at, and why. */
  readonly unseen: readonly string[];
}

/**
 * @param label the file's name, for messages
 * @throws ImmuconfigError `ERR_BUNDLER` for an executable that cannot be read
 */
export function readArtefact(label: string, bytes: Buffer): Artefact {
  if (!isExecutable(bytes)) {
    const packed = packing(label, bytes);
    const unseen = packed === undefined ? [] : [`${label}: it is ${packed}: name what is in it`];
    return { label, bytes, texts: fileTexts(label, bytes), unseen };
  }
  const { texts, unreadCount } = readExecutable(bytes);
  return {
    label,
    bytes,
    texts: texts.map(({ offset, text, isSourceMap }) =>
      isSourceMap
        ? { label: `${label}, source map at byte ${offset}`, text, origin: "text", isSourceMap }
        : { label, text, origin: offset, isSourceMap },
    ),
    unseen:
      unreadCount === 0
        ? []
        : [`${label}: ${unreadCount} compressed parts, which are more than it may unpack`],
  };
}

function fileTexts(label: string, bytes: Buffer): ArtefactText[] {
  const text = bytes.toString();
  const map = mapTexts(label, text);
  if (map !== undefined) return map;
  return [{ label, text, origin: "text", isSourceMap: false }, ...inlineMapTexts(label, text)];
}

function inlineMapTexts(label: string, code: string): ArtefactText[] {
  const maps = code.matchAll(/sourceMappingURL=data:application\/json[^,\s]*;base64,([\w+/=]+)/g);
  return [...maps].flatMap(
    ([, data = ""]) =>
      mapTexts(`${label}, inline map`, Buffer.from(data, "base64").toString()) ?? [],
  );
}

/** @returns undefined when the text is no source map */
function mapTexts(label: string, text: string): ArtefactText[] | undefined {
  if (!text.startsWith("{") || !text.includes('"mappings"')) return undefined;
  let map: { sources?: unknown; sourcesContent?: unknown; names?: unknown };
  try {
    map = JSON.parse(text) as typeof map;
  } catch {
    return undefined;
  }
  const sources = strings(map.sources);
  const part = (name: string, content: string): ArtefactText => ({
    label: `${label}, ${name}`,
    text: content,
    origin: "text",
    isSourceMap: true,
  });
  return [
    part("list of sources", sources.join("\n")),
    part("list of names", strings(map.names).join("\n")),
    ...strings(map.sourcesContent).map((content, index) =>
      part(`source ${sources[index] ?? index}`, content),
    ),
  ];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map((one) => (typeof one === "string" ? one : "")) : [];
}
