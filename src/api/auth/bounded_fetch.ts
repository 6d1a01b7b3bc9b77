/** Asking somebody who may be slow, or send without end. */

import { readStream } from "../../base/read_stream.ts";
import { secureFetch } from "../../base/secure_fetch.ts";

/** Bytes of a set of keys, or of what else a provider of identities says of itself. */
const SIZE_MAX = 256 * 1024;

/** As `fetch`, with the whole body read. @throws Error where it is too large, or does not come */
export async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await secureFetch(url, options);
  const { body, status, headers } = response;
  const tooLarge = (): Error => new Error(`the answer is larger than ${SIZE_MAX} bytes`);
  return new Response(await readStream(body, SIZE_MAX, tooLarge), { status, headers });
}
