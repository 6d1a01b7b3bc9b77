/** Bytes that come one after the other, from somebody who may send without end. */

/**
 * All of them.
 *
 * @param stream nothing for an answer without a body
 * @param sizeMax bytes that it may have
 * @param tooLarge what is thrown where it has more
 */
export async function readStream(
  stream: AsyncIterable<Uint8Array> | null,
  sizeMax: number,
  tooLarge: () => Error,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > sizeMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
