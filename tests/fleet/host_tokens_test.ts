import { expect, spyOn, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/base/digest.ts";
import { HostTokens } from "../../src/fleet/relay/host_tokens.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

test("a list that is missing is told of once, and when it is back; what it said holds", () => {
  const path = join(temporaryFolder(), "hosts.txt");
  const list = `${sha256("imm_one")} one\n`;
  writeFileSync(path, list);
  const failures: unknown[] = [];
  const recoveries: number[] = [];
  using clock = spyOn(globalThis, "setInterval");
  const tokens = new HostTokens(path, {
    ended: () => undefined,
    failed: (error) => failures.push(error),
    recovered: (count) => recoveries.push(count),
  });
  const look = clock.mock.calls[0]?.[0] as () => void;
  const owner = tokens.ownerOf("imm_one");
  expect(owner).toStartWith("token:");
  for (const told of [1, 2]) {
    rmSync(path);
    for (let second = 0; second < 5; second++) look();
    expect(failures).toHaveLength(told);
    expect(tokens.ownerOf("imm_one")).toBe(owner);
    expect(recoveries).toHaveLength(told - 1);
    writeFileSync(path, list);
    for (let second = 0; second < 5; second++) look();
    expect(recoveries).toHaveLength(told);
  }
  writeFileSync(path, "imm_one\n");
  for (let second = 0; second < 5; second++) look();
  expect(failures.map(String)).toEqual([
    expect.stringContaining("hosts.txt"),
    expect.stringContaining("hosts.txt"),
    expect.stringContaining("hosts.txt:1 is no digest"),
  ]);
  expect(tokens.ownerOf("imm_one")).toBe(owner);
  // What is no list is one no more for being there still.
  expect(recoveries).toEqual([1, 1]);
  writeFileSync(path, `${list}${sha256("imm_two")}\n`);
  look();
  expect(recoveries).toEqual([1, 1, 2]);
  expect(tokens.ownerOf("imm_two")).toStartWith("token:");
  tokens.stop();
});
