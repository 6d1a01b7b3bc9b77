import { expect, test } from "bun:test";
import { BUN_MINIMUM, requireBun } from "../../src/base/bun_version.ts";
import { errorOf } from "../support/errors.ts";

test.each(["1.4.0", "1.3.14", "0.9.99", "1.4.0-canary.3+a1b2", "1.4"])(
  "Bun %s is too old",
  (version) => {
    const error = errorOf(() => requireBun(version));
    expect(error).toMatchObject({
      code: "ERR_BUN_VERSION",
      message: `Bun ${version} is older than ${BUN_MINIMUM}, the lowest that immuconfig runs on`,
    });
  },
);

test.each(["1.4.1", "1.4.10", "1.10.0", "2.0.0", "1.4.1-canary.2", Bun.version, undefined])(
  "Bun %s will do",
  (version) => {
    expect(requireBun(version)).toBeUndefined();
  },
);
