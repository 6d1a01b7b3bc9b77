import { describe, expect, spyOn, test } from "bun:test";
import { FormatError } from "../../src/base/errors.ts";
import { newPrivateKey, publicKeyOf, signerOf } from "../../src/trust/keys/private_key.ts";
import { stateOn } from "../../src/trust/host_state.ts";
import {
  type OverrideSet,
  readOverrideSet,
  type SetExpectation,
  signOverrideSet,
} from "../../src/trust/override_set.ts";
import { isReached } from "../fleet/waves.ts";
import { errorOf } from "../support/errors.ts";
import { Random } from "../support/random.ts";

const key = newPrivateKey();
const other = newPrivateKey();
const NOW = 1_900_000_000;
const SET: OverrideSet = {
  project: "shop",
  environment: "live",
  sequence: 7,
  issued: NOW - 5,
  expires: NOW + 3600,
  overrides: [
    { flag: "CHECKOUT_V2", enabled: false, until: null },
    { flag: "DEBUG", enabled: true, until: NOW + 60 },
  ],
};
const EXPECTED: SetExpectation = {
  project: "shop",
  environment: "live",
  keys: [publicKeyOf(other), publicKeyOf(key)],
  seen: 7,
  now: NOW,
};
const text = await signOverrideSet(SET, signerOf(key));

/** The set with a payload of one's own, signed by the right key. */
async function signedPayload(payload: string): Promise<string> {
  const message = `${text.split(".")[0]}.${Buffer.from(payload).toString("base64url")}`;
  const signature = await signerOf(key).sign(new TextEncoder().encode(message));
  return `${message}.${Buffer.from(signature).toString("base64url")}`;
}

test("a set is read as it was signed, and is a JWS that any library verifies", async () => {
  expect(readOverrideSet(text, EXPECTED)).toEqual(SET);
  const [head = "", payload = "", signature = ""] = text.split(".");
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toMatchObject({
    alg: "EdDSA",
    typ: "immuconfig-overrides+jwt",
  });
  const imported = await crypto.subtle.importKey(
    "raw",
    publicKeyOf(key).slice(),
    "Ed25519",
    false,
    ["verify"],
  );
  const message = new TextEncoder().encode(`${head}.${payload}`);
  expect(
    await crypto.subtle.verify("Ed25519", imported, Buffer.from(signature, "base64url"), message),
  ).toBe(true);
});

describe("a set is refused", () => {
  const refusals: [string, Partial<SetExpectation>, string][] = [
    ["by a key that may not", { keys: [publicKeyOf(other)] }, "its key may not switch flags"],
    ["without any key", { keys: [] }, "its key may not switch flags"],
    ["for another project", { project: "bank" }, "it is for shop/live"],
    ["for another environment", { environment: "test" }, "it is for shop/live"],
    ["that is older than what was seen", { seen: 8 }, "it is number 7, and number 8 was seen"],
    ["that has run out", { now: NOW + 3600 }, "it has run out"],
    ["from the future", { now: NOW - 66 }, "it was issued in the future"],
  ];
  test.each(refusals)("%s", (_, change, message) => {
    const error = errorOf(() => readOverrideSet(text, { ...EXPECTED, ...change }));
    expect(error).toHaveProperty("code", "ERR_SIGNATURE");
    expect(error).toHaveProperty("message", expect.stringContaining(message));
  });

  test("with any character changed, any part taken away, and any put in", () => {
    const random = new Random(1);
    for (let index = 0; index < text.length; index++) {
      const character = random.pick("ABCabc012-_.".split(""));
      if (text[index] === character) continue;
      const forged = text.slice(0, index) + character + text.slice(index + 1);
      expect(errorOf(() => readOverrideSet(forged, EXPECTED))).toBeInstanceOf(Error);
    }
    const parts = text.split(".");
    for (const forged of [
      parts.slice(1),
      parts.slice(0, 2),
      [...parts, ""],
      [...parts, "AA"],
      [],
    ]) {
      expect(errorOf(() => readOverrideSet(forged.join("."), EXPECTED))).toBeInstanceOf(Error);
    }
  });

  test("with its signature in another spelling of the same bytes", () => {
    const last = text.at(-1) ?? "";
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const ends = alphabet.split("").filter((character) => character !== last);
    const spellings = [...ends.map((end) => text.slice(0, -1) + end), `${text}=`, `${text}==`];
    for (const forged of spellings) {
      expect(errorOf(() => readOverrideSet(forged, EXPECTED))).toHaveProperty(
        "message",
        expect.stringContaining("its signature is wrong"),
      );
    }
  });

  test("with a header that names no algorithm, or another", () => {
    const [, payload, signature] = text.split(".");
    for (const alg of ["none", "HS256", "EdDSA"]) {
      const head = Buffer.from(JSON.stringify({ typ: "JWT", alg })).toString("base64url");
      expect(
        errorOf(() => readOverrideSet(`${head}.${payload}.${signature}`, EXPECTED)),
      ).toHaveProperty("code", "ERR_SIGNATURE");
    }
  });

  const plain =
    '{"environment":"live","exp":1900003600,"iat":1899999995,"overrides":[],"project":"shop","seq":7}';
  const payloads: [string, string][] = [
    ["white space", ` ${plain}`],
    [
      "members in another order",
      plain.replace('"environment":"live",', "").replace("}", ',"environment":"live"}'),
    ],
    ["a member twice", plain.replace("{", '{"environment":"test",')],
    ["one member more", plain.replace('"seq":7', '"registry":"x","seq":7')],
    ["one member less", plain.replace(',"seq":7', "")],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a sequence that is no whole number", plain.replace('"seq":7', '"seq":7.5')],
    ["a negative sequence", plain.replace('"seq":7', '"seq":-7')],
    [
      "a flag that cannot be one",
      plain.replace("[]", '[{"enabled":true,"flag":"../x","until":null}]'),
    ],
    [
      "a flag twice",
      plain.replace(
        "[]",
        '[{"enabled":true,"flag":"A","until":null},{"enabled":true,"flag":"A","until":null}]',
      ),
    ],
    [
      "an override with more in it",
      plain.replace("[]", '[{"enabled":true,"flag":"A","registry":"x","until":null}]'),
    ],
    ...(
      [
        ["a wave of all hosts", '{"rest":null,"salt":3,"share":10000}'],
        ["a wave of no host", '{"rest":null,"salt":3,"share":0}'],
        ["a share that is no whole number", '{"rest":null,"salt":3,"share":0.5}'],
        ["a salt that is none", '{"rest":null,"salt":-1,"share":1}'],
        ["a wave that changes nothing", '{"rest":true,"salt":3,"share":1}'],
        ["a wave with more in it", '{"host":"a","rest":null,"salt":3,"share":1}'],
        ["a wave with less in it", '{"salt":3,"share":1}'],
        ["a wave that is null", "null"],
      ] as const
    ).map(([name, wave]): [string, string] => [
      name,
      plain.replace("[]", `[{"enabled":true,"flag":"A","until":null,"wave":${wave}}]`),
    ]),
    [
      "an override whose members are in another order",
      plain.replace("[]", '[{"flag":"A","enabled":true,"until":null}]'),
    ],
    [
      "a wave whose members are in another order",
      plain.replace(
        "[]",
        '[{"enabled":true,"flag":"A","until":null,"wave":{"salt":3,"share":1,"rest":null}}]',
      ),
    ],
    [
      "a flag named twice in one override",
      plain.replace("[]", '[{"enabled":true,"flag":"B","flag":"A","until":null}]'),
    ],
    [
      "a flag with an escape in it",
      plain.replace("[]", String.raw`[{"enabled":true,"flag":"\u0041","until":null}]`),
    ],
    ["a number in another spelling", plain.replace('"seq":7', '"seq":7e0')],
    ["a zero with a sign", plain.replace('"seq":7', '"seq":-0')],
    ["a state that is no boolean", plain.replace("[]", '[{"enabled":1,"flag":"A","until":null}]')],
  ];
  test.each(payloads)("though the right key signed %s", async (_, payload) => {
    const signed = await signedPayload(payload);
    expect(errorOf(() => readOverrideSet(signed, EXPECTED))).toBeInstanceOf(FormatError);
  });

  test("the right key's plain payload is read, so the cases above fail for their own reasons", async () => {
    expect(readOverrideSet(await signedPayload(plain), EXPECTED).overrides).toEqual([]);
  });
});

test("100 sets, each with its keys read anew, take one key of the platform's", async () => {
  const mine = newPrivateKey();
  const signed = await signOverrideSet(SET, signerOf(mine));
  using made = spyOn(process.getBuiltinModule("node:crypto"), "createPublicKey");
  for (let round = 0; round < 100; round++) {
    const keys = [publicKeyOf(other).slice(), publicKeyOf(mine).slice()];
    expect(readOverrideSet(signed, { ...EXPECTED, keys })).toEqual(SET);
  }
  expect(made).toHaveBeenCalledTimes(1);
});

describe("a wave", () => {
  const place = { project: "shop", environment: "live" };
  const override = { flag: "DEBUG", enabled: true, until: null } as const;
  const names = Array.from({ length: 20_000 }, (_, index) => `host-${index}.example.test`);
  const states = (share: number, salt = 7, rest: boolean | null = null): (boolean | null)[] =>
    names.map((host) => stateOn(place, { ...override, wave: { salt, share, rest } }, host));

  test("is read as it was signed", async () => {
    const wave = { salt: 2 ** 53 - 1, share: 9999, rest: false };
    const set = { ...SET, overrides: [{ ...override, wave }] };
    expect(readOverrideSet(await signOverrideSet(set, signerOf(key)), EXPECTED)).toEqual(set);
  });

  test("has the hosts of the rule in the documents, and those of each smaller one", () => {
    for (const [smaller, share] of [
      [1, 100],
      [100, 1000],
      [1000, 9999],
    ] as const) {
      const inIt = states(share).map((state) => state === true);
      const rule = { place: "shop/live", flag: "DEBUG", salt: 7 };
      expect(inIt).toEqual(names.map((host) => isReached(rule, host, share / 100)));
      expect(states(smaller).every((state, index) => state === null || inIt[index])).toBe(true);
      const count = inIt.filter(Boolean).length;
      // Six standard deviations of the binomial distribution.
      const mean = (names.length * share) / 10_000;
      expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean * (1 - share / 10_000)) + 1);
    }
  });

  test("has other hosts for another change, and gives the rest what they had", () => {
    const first = states(1000);
    const second = states(1000, 8);
    const both = first.filter((state, index) => state === true && second[index] === true).length;
    expect(both).toBeLessThan(300);
    expect(new Set(states(1000, 7, false))).toEqual(new Set([true, false]));
  });
});
