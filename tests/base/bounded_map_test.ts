import { expect, test } from "bun:test";
import { BoundedMap } from "../../src/base/bounded_map.ts";
import { Random } from "../support/random.ts";

test("what was put in least lately goes, whatever was taken out or put in again", () => {
  const random = new Random(3);
  const COUNT_MAX = 20;
  const map = new BoundedMap<number, string>(COUNT_MAX);
  let expected: (readonly [number, string])[] = [];
  for (let step = 0; step < 20_000; step++) {
    const key = random.below(50);
    expected = expected.filter(([one]) => one !== key);
    switch (random.below(10)) {
      case 0:
        map.delete(key);
        break;
      case 1:
        map.delete(key);
        if (map.size > 0) map.dropOldest();
        expected.shift();
        break;
      default:
        map.put(key, `${key} ${step}`);
        expected = [...expected, [key, `${key} ${step}`] as const].slice(-COUNT_MAX);
    }
    expect([...map.values()]).toEqual(expected.map(([, value]) => value));
    expect(map.size).toBe(expected.length);
    expect(map.get(key)).toBe(expected.find(([one]) => one === key)?.[1]);
  }
});
