/** What a server says to whom has started it. Pure. */

/** @param adminToken the secret of a first token, where there is one */
export function greeting(url: URL, adminToken: string | undefined): string[] {
  const named = new URL(url);
  // Passkeys need a name, and this machine has one.
  if (named.hostname === "127.0.0.1") named.hostname = "localhost";
  const address = `The control plane is at ${named.href}`;
  if (adminToken === undefined) return [address];
  return [
    address,
    `The first token, shown this once: ${adminToken}\n` +
      "It may do everything, until an administrator can sign in without it. Sign in with it, and add yourself.",
  ];
}
