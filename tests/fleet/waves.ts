/** The rule of docs/fleet.md by which hosts fall into waves, written once more: with a hash of Bun's. */

/** @param percent of the hosts that are reached */
export function isReached(
  { place, flag, salt }: { readonly place: string; readonly flag: string; readonly salt: number },
  host: string,
  percent: number,
): boolean {
  const hash = Bun.hash.murmur32v3(`${place}/${flag}/${salt}/${host}`, 0);
  const bucket = (BigInt(hash) * 10_000n) >> 32n;
  return bucket < BigInt(percent * 100);
}
