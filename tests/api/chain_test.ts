import { describe, expect, test } from "bun:test";
import { type AuditRow, checkRow, EMPTY_CHAIN, nextRow } from "../../src/api/domain/audit_chain.ts";
import { canonicalJson } from "../../src/base/json.ts";
import { errorOf } from "../support/errors.ts";

function chainOf(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let index = 0; index < length; index++) {
    const change = { kind: "project.created", project: `p${index}` } as const;
    rows.push(nextRow(rows.at(-1) ?? EMPTY_CHAIN, "token:a", change, 1000 + index));
  }
  return rows;
}

function check(rows: readonly AuditRow[]): void {
  let head: Parameters<typeof checkRow>[0] = EMPTY_CHAIN;
  for (const row of rows) {
    checkRow(head, row);
    head = row;
  }
}

describe("a chain", () => {
  const rows = chainOf(5);

  test("holds as it was made", () => expect(() => check(rows)).not.toThrow());

  test("breaks where a row is taken out, put twice, or moved", () => {
    expect(errorOf(() => check(rows.toSpliced(2, 1)))).toHaveProperty("code", "ERR_FORMAT");
    expect(errorOf(() => check(rows.toSpliced(2, 0, ...rows.slice(2, 3))))).toHaveProperty(
      "code",
      "ERR_FORMAT",
    );
    expect(
      errorOf(() => check([...rows.slice(0, 2), ...rows.slice(3), ...rows.slice(2, 3)])),
    ).toHaveProperty("code", "ERR_FORMAT");
  });

  test.each<[string, (row: AuditRow) => AuditRow]>([
    ["time", (row) => ({ ...row, time: row.time + 1 })],
    ["actor", (row) => ({ ...row, actor: "token:b" })],
    ["change", (row) => ({ ...row, change: { kind: "project.created", project: "other" } })],
    [
      "digest",
      (row) => ({ ...row, digest: row.digest.replace(/^./, (c) => (c === "0" ? "1" : "0")) }),
    ],
  ])("breaks where a row's %s is another", (_, forge) => {
    const forged = rows.map((row, index) => (index === 2 ? forge(row) : row));
    expect(errorOf(() => check(forged))).toHaveProperty("message", expect.stringContaining("row "));
  });

  test("a clock that went back does not take it back", () => {
    const [first] = chainOf(1);
    const change = { kind: "project.created", project: "x" } as const;
    expect(nextRow(first ?? EMPTY_CHAIN, "a", change, 1).time).toBe(1000);
  });

  test("the text that is hashed has one form", () => {
    expect(canonicalJson({ b: [1, null, true], a: "é\n" })).toBe('{"a":"é\\n","b":[1,null,true]}');
  });
});
