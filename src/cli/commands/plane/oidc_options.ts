/** At which provider of identities people may sign in. */

import type { OidcWishes } from "../../../api/auth/oidc_settings.ts";
import type { CommandArguments, OptionSpec } from "../../args/arguments.ts";

export const OIDC_OPTIONS = {
  "oidc-issuer": {
    value: "URL",
    summary: "people may sign in at this provider, too (IMMUCONFIG_OIDC_ISSUER)",
  },
  "oidc-client-id": {
    value: "ID",
    summary: "what the provider calls this server (IMMUCONFIG_OIDC_CLIENT_ID)",
  },
  "oidc-origin": {
    value: "ORIGIN",
    summary: "where browsers open this server: https://flags.example.test (IMMUCONFIG_OIDC_ORIGIN)",
  },
  "oidc-secret-file": {
    value: "FILE",
    summary: "the client's secret (or in IMMUCONFIG_OIDC_SECRET); none for a public client",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export function parseOidc(args: CommandArguments): OidcWishes {
  return {
    issuer: args.value("oidc-issuer"),
    clientId: args.value("oidc-client-id"),
    origin: args.value("oidc-origin"),
    secretFile: args.value("oidc-secret-file"),
  };
}
