import { expect, test } from "bun:test";
import { readStream } from "../../src/base/read_stream.ts";
import { rejectionOf } from "../support/errors.ts";

const tooLarge = (): Error => new RangeError("too much");

test("all that came is one piece, at the bound, too", async () => {
  const { body } = new Response("four");
  expect((await readStream(body, 4, tooLarge)).toString()).toBe("four");
  expect(await readStream(null, 4, tooLarge)).toHaveLength(0);
});

test("nothing is asked for beyond the bound", async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      asked++;
      yield await Promise.resolve(new Uint8Array(3));
    }
  }
  expect(await rejectionOf(readStream(endless(), 7, tooLarge))).toBeInstanceOf(RangeError);
  expect(asked).toBe(3);
});
