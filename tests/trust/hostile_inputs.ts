/** The parsers of what strangers write: each input is read or refused, and nothing else happens. */

import { ImmuconfigError } from "../../src/base/errors.ts";
import { parseDotenv } from "../../src/registry/dotenv.ts";
import { parseNpmrc } from "../../src/registry/npmrc.ts";
import { parseBunLock } from "../../src/trust/lock/bun_lock.ts";
import { judgeLock } from "../../src/trust/lock/lock_rules.ts";
import { encodeIndex, indexLock } from "../../src/trust/lock/package_index.ts";
import { damaged } from "../support/hostile.ts";
import { Random } from "../support/random.ts";

const DIGEST = `sha512-${"A".repeat(86)}==`;

interface Parser {
  readonly valid: string;
  readonly parse: (text: string) => unknown;
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
