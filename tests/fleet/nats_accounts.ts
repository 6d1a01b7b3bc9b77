/** Credentials of NATS, as its operators make them: an operator, its account, and users who may do little. */

import { nkeys } from "@nats-io/transport-node";
import { writeFileSync } from "node:fs";

interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What docs/fleet.md gives each. */
export const PLANE: Permissions = {
  publish: [
    "imm.v1.default.>",
    "$JS.API.STREAM.INFO.IMM",
    "$JS.API.STREAM.CREATE.IMM",
    "$JS.API.STREAM.MSG.GET.IMM",
  ],
  subscribe: ["imm.v1.default.>", "_INBOX.>"],
};
export const HOST: Permissions = {
  publish: [
    "$JS.API.DIRECT.GET.IMM.imm.v1.default.shop.live.*",
    "imm.v1.default.shop.live.status.*",
  ],
  subscribe: ["imm.v1.default.shop.live.*", "_INBOX.>"],
};

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

export class Accounts {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();
  readonly #system = nkeys.createAccount();

  /** Of a server that knows them. */
  get config(): string {
    const operator = this.#jwt(this.#operator, this.#operator.getPublicKey(), { type: "operator" });
    const [own, system] = [this.#account, this.#system].map((account) => account.getPublicKey());
    const limits = {
      ...UNLIMITED,
      imports: -1,
      exports: -1,
      wildcards: true,
      conn: -1,
      leaf: -1,
      mem_storage: -1,
      disk_storage: -1,
      streams: -1,
      consumer: -1,
    };
    const { mem_storage: _, disk_storage: __, ...plain } = limits;
    const account = this.#jwt(this.#operator, own ?? "", { type: "account", limits });
    const other = this.#jwt(this.#operator, system ?? "", { type: "account", limits: plain });
    return `
operator: ${operator}
system_account: ${system}
resolver: MEMORY
resolver_preload: { ${own}: ${account}, ${system}: ${other} }
`;
  }

  /** Writes the file of a user's credentials. */
  write(path: string, { publish, subscribe }: Permissions): string {
    const user = nkeys.createUser();
    const jwt = this.#jwt(this.#account, user.getPublicKey(), {
      type: "user",
      pub: { allow: publish },
      sub: { allow: subscribe },
      ...UNLIMITED,
    });
    const seed = new TextDecoder().decode(user.getSeed());
    const parts = [
      `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n`,
      `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    ];
    writeFileSync(path, parts.join("\n"), { mode: 0o600 });
    return path;
  }

  #jwt(issuer: ReturnType<typeof nkeys.createUser>, subject: string, claims: object): string {
    const head = encode({ typ: "JWT", alg: "ed25519-nkey" });
    const payload = encode({
      jti: crypto.randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      iss: issuer.getPublicKey(),
      sub: subject,
      nats: { ...claims, version: 2 },
    });
    const message = `${head}.${payload}`;
    const signature = issuer.sign(new TextEncoder().encode(message));
    return `${message}.${Buffer.from(signature).toString("base64url")}`;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
