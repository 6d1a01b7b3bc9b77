/** The dashboard of a team that has much: long words, many flags, hosts and changes, on small screens and large ones. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { encodeFile } from "../../src/format/file.ts";
import { complaintsOf, hasChromium, launchChromium, violations } from "../support/browser.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { openDashboard } from "./dashboard_page.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const FLAG_COUNT = 200;
const HOST_COUNT = 30;
const LONG_NAME = "CHECKOUT_".repeat(7).slice(0, 60);
const LONG_WORD = "w".repeat(200);
const FLAGS = Array.from({ length: FLAG_COUNT }, (_, bit) => ({
  bit,
  name: bit === 0 ? LONG_NAME : `FLAG_${bit}`,
}));
const FILE = encodeFile({
  ...PLAIN_FILE,
  flags: FLAGS,
  meta: {
    ...PLAIN_FILE.meta,
    flags: {
      [LONG_NAME]: {
        owner: "a.team.with.a.long.name@example.test",
        expires: "2020-01-31",
        description: "What it is for, at some length. ".repeat(6).trim(),
      },
      FLAG_1: { owner: "logistics" },
    },
  },
});

async function change(plane: Plane, method: string, path: string, body: object): Promise<void> {
  const { etag } = await plane.call("GET", SHOP);
  const { status } = await plane.call(method, `${SHOP}${path}`, body, { "if-match": etag });
  expect(status).toBeLessThan(300);
}

async function fill(plane: Plane): Promise<void> {
  await makeShop(plane, FILE);
  await change(plane, "PUT", `/overrides/${LONG_NAME}`, { enabled: true, reason: LONG_WORD });
  for (let round = 0; round < 25; round++) {
    const body = { enabled: round % 2 === 0, reason: `round ${round}` };
    await change(plane, "PUT", "/overrides/FLAG_2", body);
  }
  const action = { kind: "switch", flag: "FLAG_3", enabled: true, until: null };
  await change(plane, "POST", "/requests", { action, at: null, reason: LONG_WORD });
  const { sequence } = (await plane.call("GET", `${SHOP}/hosts`)).body;
  for (let index = 0; index < HOST_COUNT; index++) {
    const host = index === 0 ? `web-${"a".repeat(90)}.example.test` : `web-${index}`;
    const report = { host, version: "0.1.0", generation: 1, sequence, heldMs: 1, refused: [] };
    await plane.call("POST", `${SHOP}/hosts`, { ...report, problem: null });
  }
  const grants = [{ role: "writer", project: "shop", environment: "live" }];
  await plane.call("POST", "/v1/people", { name: `Ann ${LONG_WORD.slice(0, 100)}`, grants });
}

const SIZES = [
  ["a large screen", { viewport: { width: 1280, height: 900 } }],
  ["a telephone", { viewport: { width: 360, height: 740 }, isMobile: true }],
  ["200 %", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }],
] as const;

/** Pixels by which a page is wider than its window. */
function excess(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - screen.width");
}

/** The tables of which a part is out of sight. */
function cutTables(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll(".scroll:has(table)")]
      .filter((one) => one.scrollWidth > one.clientWidth)
      .map((one) => one.getAttribute("aria-label"))`,
  );
}

/** How many lines a cell's text takes; 0 where the cell is not shown. */
function linesOf(page: Page, text: string): Promise<number> {
  return page.evaluate<number>(`{
    const range = document.createRange();
    range.selectNodeContents([...document.querySelectorAll("td")].find((one) => one.textContent === "${text}"));
    range.getClientRects().length;
  }`);
}

/** The rows whose button stands lower or higher than their name, by two pixels or more. */
function unevenRows(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`{
    const bottom = (one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return range.getClientRects()[0].bottom;
    };
    [...document.querySelectorAll("tbody tr")]
      .filter((row) => Math.abs(bottom(row.querySelector("th")) - bottom(row.querySelector("button").firstChild)) >= 2)
      .map((row) => row.textContent);
  }`);
}

function focused(page: Page): Promise<string | null> {
  return page.evaluate<string | null>("document.activeElement.textContent");
}

describe.skipIf(!hasChromium)("the dashboard of a team that has much", () => {
  let browser: Browser;
  let plane: Plane;

  beforeAll(async () => {
    await buildPackage();
    plane = await Plane.start({ data: temporaryFolder() });
    plane.clock.now = Date.now();
    await fill(plane);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await plane[Symbol.asyncDispose]();
  });

  test.each(SIZES)("nothing is wider than %s", async (size, options) => {
    const page = await openDashboard(browser, plane, { ...options, screen: options.viewport });
    const complaints = complaintsOf(page);
    await page.getByText(LONG_WORD).first().waitFor();
    expect(await excess(page)).toBeLessThanOrEqual(0);
    expect(await violations(page)).toEqual([]);
    expect(await cutTables(page)).toEqual([]);
    expect(await linesOf(page, "logistics")).toBeLessThanOrEqual(1);
    await page.getByRole("button", { name: `Give back ${LONG_NAME}` }).click();
    await page.locator("dialog input:focus").waitFor();
    expect(await excess(page)).toBeLessThanOrEqual(0);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    expect(await cutTables(page)).toEqual([]);
    expect(await excess(page)).toBeLessThanOrEqual(0);
    if (size === "a large screen") expect(await unevenRows(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("the first of a long list are shown, the others when they are asked for", async () => {
    const page = await openDashboard(browser, plane);
    const rows = (label: string): Promise<number> =>
      page.getByRole("group", { name: label }).locator("tbody tr").count();
    await page.getByText(`Switched: ${LONG_NAME}, FLAG_2.`).waitFor();
    expect(await rows("Table of flags")).toBe(50);
    expect(await rows("Table of hosts")).toBe(20);
    expect(await page.locator("ol.history li").count()).toBe(20);
    await page.getByRole("button", { name: `Show all ${FLAG_COUNT} flags` }).focus();
    await page.keyboard.press("Enter");
    const fewer = page.getByRole("button", { name: "Show the first 50 flags", expanded: true });
    await fewer.waitFor();
    expect(await rows("Table of flags")).toBe(FLAG_COUNT);
    // The keyboard stays where it was.
    expect(await focused(page)).toBe("Show the first 50 flags");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Show all ${FLAG_COUNT} flags` }).waitFor();
    await page.getByLabel("Find a flag").fill("flag_199");
    await page.getByRole("button", { name: "Switch on FLAG_199" }).waitFor();
    expect(await rows("Table of flags")).toBe(1);
    await page.getByRole("button", { name: `Show all ${HOST_COUNT} hosts` }).click();
    expect(await rows("Table of hosts")).toBe(HOST_COUNT);
    await page.close();
  });

  test("where the list of changes ends, it says how older ones are seen", async () => {
    const command = "bunx immuconfig audit export --server";
    const page = await openDashboard(browser, plane);
    await page.getByRole("button", { name: "Show all" }).last().waitFor();
    expect(await page.getByText(command).count()).toBe(0);
    for (let round = 0; round < 100; round++) {
      await change(plane, "PUT", "/overrides/FLAG_4", { enabled: true, reason: `round ${round}` });
    }
    await page
      .getByText(`${command} ${new URL(plane.server.url).origin}`, { exact: true })
      .waitFor();
    await page.close();
  });

  test("after a switch the keyboard is where it was, and times have their zone", async () => {
    const page = await openDashboard(browser, plane, { timezoneId: "Asia/Tokyo" });
    await page.getByRole("button", { name: "Switch on FLAG_5", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog input:focus").waitFor();
    const when = page.getByLabel("When");
    expect(await when.getAttribute("aria-describedby")).toBe("zone");
    await page.getByText("Japan Standard Time").waitFor();
    await page.keyboard.type("by keyboard");
    await page.keyboard.press("Enter");
    const back = page.getByRole("button", { name: "Give back FLAG_5", exact: true });
    await back.waitFor();
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("Give back FLAG_5");
    await page
      .getByText(/, until .* GMT\+9$/)
      .first()
      .waitFor();
    await page.close();
  });

  test("a change reads no record again, and makes no other row anew", async () => {
    const page = await openDashboard(browser, plane);
    await page.getByRole("button", { name: "Switch on FLAG_9", exact: true }).waitFor();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.evaluate(`{
      globalThis.touched = new Set();
      new MutationObserver((all) => {
        for (const { target } of all) touched.add(target.closest?.("tr")?.querySelector("th .name")?.textContent);
      }).observe(document.querySelector(".flags"), { subtree: true, childList: true });
    }`);
    await change(plane, "PUT", "/overrides/FLAG_9", { enabled: true, reason: "seen" });
    await page.getByRole("button", { name: "Give back FLAG_9", exact: true }).waitFor();
    await page.getByText("first admin switched FLAG_9 on: seen").waitFor();
    expect(asked).toContain(SHOP);
    expect(asked).not.toContain(`${SHOP}/record/fields`);
    const touched = await page.evaluate<string[]>("[...touched].filter((name) => name)");
    expect(touched).toEqual(["FLAG_9"]);
    await page.close();
  });

  test("what is empty says what to do, with a command that can be copied", async () => {
    await using empty = await Plane.start({ data: temporaryFolder() });
    empty.clock.now = Date.now();
    await empty.call("POST", "/v1/projects", { project: "shop" });
    await empty.call("POST", "/v1/projects/shop/environments", { environment: "live" });
    const page = await openDashboard(browser, empty);
    for (const words of ["push", "agent"]) {
      const place = `--server ${new URL(empty.server.url).origin} --project shop --env live`;
      await page.getByText(`bunx immuconfig ${words} ${place}`, { exact: true }).waitFor();
    }
    await page.close();
  });
});
