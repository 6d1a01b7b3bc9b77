/**
 * Where no system takes the ports that it hands out itself, for port 0 and for connections: Linux begins at
 * 32768, others at 49152. So nobody gets one of these between its choice and its use.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRY_COUNT = 100;

/** A port of loopback that nobody listens to now. */
export function freePort(): number {
  for (let tries = 0; tries < TRY_COUNT; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (isFree(port)) return port;
  }
  throw new Error(`no port of ${TRY_COUNT} is free`);
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
