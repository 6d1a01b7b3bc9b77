/** The parsers of what strangers write: each input is read or refused, and nothing else happens. */

import { sign } from "node:crypto";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { parseDotenv } from "../../src/registry/dotenv.ts";
import { parseNpmrc } from "../../src/registry/npmrc.ts";
import { parseBunLock } from "../../src/trust/lock/bun_lock.ts";
import { judgeLock } from "../../src/trust/lock/lock_rules.ts";
import { encodeIndex, indexLock } from "../../src/trust/lock/package_index.ts";
import { signerOf } from "../../src/trust/keys/private_key.ts";
import {
  type OverrideSet,
  readOverrideSet,
  signOverrideSet,
} from "../../src/trust/override_set.ts";
import { damaged } from "../support/hostile.ts";
import { Random } from "../support/random.ts";
import { seedKey } from "../support/signing.ts";

const DIGEST = `sha512-${"A".repeat(86)}==`;

interface Parser {
  readonly valid: string;
  readonly parse: (text: string) => unknown;
}

const SET_KEY = seedKey(new Uint8Array(32).fill(9));
const SIGNER = signerOf(SET_KEY);
const SET: OverrideSet = {
  project: "shop",
  environment: "live",
  sequence: 7,
  issued: 1_800_000_000,
  expires: 1_800_003_600,
  overrides: [
    { flag: "BETA", enabled: true, until: null },
    { flag: "CHECKOUT_V2", enabled: false, until: 1_800_000_600 },
  ],
};
const SIGNED_SET = await signOverrideSet(SET, SIGNER);

function parseSet(text: string): OverrideSet {
  const keys = [SIGNER.publicKey];
  return readOverrideSet(text, { ...SET, keys, seen: SET.sequence, now: SET.issued });
}

/** What lies behind the signature: any payload, signed by a key that may. */
function parseSigned(payload: string): OverrideSet {
  const [head = ""] = SIGNED_SET.split(".");
  const message = `${head}.${Buffer.from(payload).toString("base64url")}`;
  const signature = sign(null, Buffer.from(message), SET_KEY).toString("base64url");
  return parseSet(`${message}.${signature}`);
}

export const PARSERS: Readonly<Record<string, Parser>> = {
  "bun.lock": {
    valid: `{"lockfileVersion":2,"workspaces":{"":{"dependencies":{"a":"^1","c":"npm:b@1"}}},
"overrides":{"b":{"c":"1"}},"trustedDependencies":["a"],"patchedDependencies":{"a@1.0.0":"a.patch"},
"packages":{"a":["a@1.0.0","",{"bin":{"a":"x"}},"${DIGEST}"],// one
"c":["b@1.0.0","https://registry.example.test/b.tgz",{"os":"linux"},"${DIGEST}"],
"g":["g@git+https://x.test/g#${"0".repeat(40)}",{},"g"],"w":["w@workspace:w"],},}`,
    parse: (text) => {
      const lock = parseBunLock(text, "bun.lock");
      judgeLock(lock, { default: "https://registry.example.test" });
      return encodeIndex(indexLock(lock, () => new Uint8Array()));
    },
  },
  ".npmrc": {
    valid: `; one
registry = https://registry.example.test/ # two
"@a:registry"='https://\${A}/'
//registry.example.test/:_authToken=\${TOKEN?}
[section]
registry=https://other.test`,
    parse: (text) => parseNpmrc(text, { A: "a.test" }, ".npmrc"),
  },
  ".env": {
    valid: `# one
export BUN_CONFIG_REGISTRY = "https://registry.example.test" # two
LONG='
NPM_CONFIG_REGISTRY=x'
npm_config_registry: https://registry.example.test`,
    parse: (text) =>
      parseDotenv(
        text,
        ["BUN_CONFIG_REGISTRY", "NPM_CONFIG_REGISTRY", "npm_config_registry"],
        ".env",
      ),
  },
  "override set": { valid: SIGNED_SET, parse: parseSet },
  "signed payload": {
    valid: Buffer.from(SIGNED_SET.split(".")[1] ?? "", "base64url").toString(),
    parse: parseSigned,
  },
};

export interface HostileCount {
  read: number;
  refused: number;
}

/**
 * Feeds a parser damaged inputs.
 *
 * @throws whatever the parser throws that is no refusal
 */
export function feed({ valid, parse }: Parser, count: number, seed: number): HostileCount {
  const random = new Random(seed);
  const result: HostileCount = { read: 0, refused: 0 };
  parse(valid);
  for (let i = 0; i < count; i++) {
    const text = damaged(valid, random);
    try {
      parse(text);
      result.read++;
    } catch (error) {
      if (!(error instanceof ImmuconfigError)) {
        throw new Error(`${JSON.stringify(text)} ends in another error`, { cause: error });
      }
      result.refused++;
    }
  }
  return result;
}
