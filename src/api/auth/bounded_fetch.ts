/** Asking somebody who may be slow, or send without end. */

import { secureFetch } from "../../base/secure_fetch.ts";

/** Bytes of a set of keys, or of what else a provider of identities says of itself. */
const SIZE_MAX = 256 * 1024;

/** As `fetch`, with the whole body read. @throws Error where it is too large, or does not come */
export async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await secureFetch(url, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > SIZE_MAX) throw new Error(`the answer is larger than ${SIZE_MAX} bytes`);
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(Buffer.concat(chunks), { status, headers });
}
