/** Cookies that no script of a page reads, and that go over https alone. */

/** The value that a browser came with; nothing where it has none. */
export function readCookie(request: Request, name: string): string | undefined {
  return new Bun.CookieMap(request.headers.get("cookie") ?? "").get(name) ?? undefined;
}

/**
 * The header that sets a cookie.
 *
 * @param seconds for which it is kept; 0 takes it away
 * @param site `Lax` where it must come along when another site sends the browser here
 */
export function setCookie(
  name: string,
  value: string,
  seconds: number,
  site: "Strict" | "Lax",
): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=${site}`;
}
