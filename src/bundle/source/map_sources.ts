/** Where maps lead when they are written to another folder, and maps inside of bundles. Pure. */

import { isAbsolute, relative, resolve, sep } from "node:path";

/** As Bun begins a map, and as it is scrubbed. A name may hold brackets. */
const SOURCES = /^\{\s*"version":\s*3,\s*"sources":\s*(\[(?:\s*"(?:[^"\\]|\\.)*",?)*\s*\])/;
const INLINE_MAP =
  /^(\/\/# sourceMappingURL=data:application\/json(?:;charset=[^;,]+)?;base64,)(\S+)$/m;
const SCHEME = /^[a-z][a-z\d+.-]*:/i;

/**
 * A map whose sources lead to the same files from another folder; all else stays byte by byte.
 *
 * @param from the folder of the map as it is, absolute
 * @param to the folder that it is written to, absolute
 */
export function moveMap(map: string, from: string, to: string): string {
  return map.replace(SOURCES, (head: string, list: string) => {
    const moved = (JSON.parse(list) as string[]).map((source) =>
      isAbsolute(source) || SCHEME.test(source)
        ? source
        : relative(to, resolve(from, source)).split(sep).join("/"),
    );
    return head.slice(0, -list.length) + JSON.stringify(moved);
  });
}

/** The same for a map inside a bundle. */
export function moveInlineMap(code: string, from: string, to: string): string {
  return changeInlineMap(code, (map) => moveMap(map, from, to));
}

/** A bundle with another map inside; one without any is handed back. */
export function changeInlineMap(code: string, change: (map: string) => string): string {
  return code.replace(INLINE_MAP, (_line, head: string, data: string) => {
    const map = change(Buffer.from(data, "base64").toString());
    return head + Buffer.from(map).toString("base64");
  });
}
