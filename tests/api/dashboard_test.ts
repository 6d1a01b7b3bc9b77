/** The dashboard in a browser: sign in, switch, see it live, by keyboard, light and dark. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { encodeFile } from "../../src/format/file.ts";
import { complaintsOf, hasChromium, launchChromium, violations } from "../support/browser.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { openDashboard } from "./dashboard_page.ts";
import { buildServer } from "./server_bundle.ts";
import { enroll, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const FILE = encodeFile({
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "OLD_CART" },
  ],
  meta: {
    ...PLAIN_FILE.meta,
    flags: { OLD_CART: { owner: "cart", expires: "2020-01-31", description: "The first cart" } },
  },
});

/** Where two persons are asked for: a request with its difference, and again once it is stale. */
async function requestValues(typed: Plane, page: Page): Promise<void> {
  const change = async (who: object, method: string, path: string, body: object) => {
    const { etag } = await typed.call("GET", SHOP);
    return typed.call(method, `${SHOP}${path}`, body, { ...who, "if-match": etag });
  };
  const writer = { role: "writer", project: "shop", environment: "live" };
  const [ann, bob] = [await enroll(typed, "Ann", [writer]), await enroll(typed, "Bob", [writer])];
  await change({}, "PUT", "/rule", { twoPersons: true, reason: "it is live" });
  await page.getByText("A change here needs somebody else who approves it.").waitFor();
  await page.getByRole("button", { name: "Values of DEBUG" }).click();
  await page.getByLabel("Value 1").fill("red");
  await page.getByLabel("Why").fill("try red");
  await page.getByRole("button", { name: "Ask for these values" }).click();
  await page.getByText("first admin asks to change the values of DEBUG: try red").waitFor();
  await page.getByText('value control: none → "red"').waitFor();
  expect(await violations(page)).toEqual([]);
  const action = {
    kind: "set_variants",
    flag: "DEBUG",
    type: "string",
    variants: [{ name: "control", value: "blue" }],
    off: "control",
    rollout: [{ variant: "control", weight: 1 }],
  };
  const { body } = await change(ann, "POST", "/requests", { action, reason: "first" });
  expect((await change(bob, "POST", `/requests/${body.request}/approval`, {})).status).toBe(204);
  await page.getByText("the values have changed since this was asked for").waitFor();
  await page.getByText('value control: "blue" → "red"').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Ask again what first admin wants: try red" }).click();
  await page.getByLabel("Why").fill("red all the same");
  await page.getByRole("button", { name: "Ask again", exact: true }).click();
  await page.getByText("the values of DEBUG: red all the same").first().waitFor();
  await page.getByText("the values have changed since").waitFor({ state: "detached" });
  const { body: waiting } = await typed.call("GET", `${SHOP}/requests`);
  expect(waiting.requests).toMatchObject([{ values: { stale: false } }]);
}

describe.skipIf(!hasChromium)("the dashboard", () => {
  let browser: Browser;
  let plane: Plane;

  beforeAll(async () => {
    await buildPackage();
    plane = await Plane.start({ data: temporaryFolder() });
    plane.clock.now = Date.now();
    await makeShop(plane, FILE);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await plane[Symbol.asyncDispose]();
  });

  /** A signed-in page, and what its console complained of. */
  async function openPage(
    colorScheme: "light" | "dark",
    at: Plane = plane,
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await openDashboard(browser, at, { colorScheme });
    const complaints = complaintsOf(page);
    await page.getByRole("heading", { name: "Flags" }).waitFor();
    return { page, complaints };
  }

  test.each(["light", "dark"] as const)("is accessible in %s", async (scheme) => {
    const { page, complaints } = await openPage(scheme);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("switches a flag by keyboard, and every open page sees it", async () => {
    const { page, complaints } = await openPage("light");
    const other = await openPage("dark");
    await page.getByRole("button", { name: "Switch on DEBUG" }).focus();
    await page.keyboard.press("Enter");
    // The dialog takes the focus by itself.
    await page.locator("dialog input:focus").waitFor();
    await page.keyboard.type("to see more");
    await page.keyboard.press("Enter");
    for (const seen of [page, other.page]) {
      await seen.getByText("first admin switched DEBUG on").waitFor();
      await seen.getByRole("button", { name: "Give back DEBUG" }).waitFor();
    }
    const { body } = await plane.call("GET", SHOP);
    expect(body.flags[0]).toMatchObject({ enabled: true, override: { reason: "to see more" } });
    await page.getByRole("button", { name: "Give back DEBUG" }).click();
    await page.getByLabel("Why").fill("seen enough");
    await page.getByRole("button", { name: "Give it back" }).click();
    await other.page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    expect([...complaints, ...other.complaints]).toEqual([]);
    await page.close();
    await other.page.close();
  });

  test("names the flags that are past their day, the hosts that are behind, and the 104 bytes", async () => {
    const status = { generation: 1, problem: null };
    await plane.call("POST", `${SHOP}/hosts`, { host: "web-1", sequence: 1, ...status });
    const { page } = await openPage("light");
    await page.getByText("web-1").waitFor();
    await page.getByText(/set 1 of \d+/).waitFor();
    await page.getByText("immuconfig feature retire OLD_CART").waitFor();
    await page.getByText("The first cart").waitFor();
    expect(await page.locator("svg rect").count()).toBe(104);
    await page.close();
  });

  test("a reader sees and does not switch; who signs out is out", async () => {
    const { body } = await plane.call("POST", "/v1/tokens", {
      name: "looker",
      role: "reader",
      project: "shop",
      environment: "live",
    });
    const page = await browser.newPage();
    await page.goto(plane.server.url.href);
    await page.getByLabel("Token").fill("imm_wrong");
    await page.getByRole("button", { name: "Sign in with the token" }).click();
    await page.getByText("unknown, revoked").waitFor();
    await page.getByLabel("Token").fill(body.secret);
    await page.getByRole("button", { name: "Sign in with the token" }).click();
    await page.getByText("looker, reader").waitFor();
    await page.getByText("DEBUG").first().waitFor();
    expect(await page.getByRole("button", { name: /Switch/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    await page.reload();
    await page.getByLabel("Token").waitFor();
    await page.close();
  });

  test("fits a telephone, and leaves what an operator needs", async () => {
    const { page, complaints } = await openPage("dark");
    await page.setViewportSize({ width: 375, height: 700 });
    const widths = "[document.documentElement.scrollWidth, innerWidth]";
    expect(await page.evaluate<number[]>(widths)).toEqual([375, 375]);
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    expect(await page.evaluate<number[]>(widths)).toEqual([375, 375]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("finds a flag among 200, by its name, its owner or what it is for", async () => {
    await using many = await Plane.start({ data: temporaryFolder() });
    many.clock.now = Date.now();
    const flags = Array.from({ length: 200 }, (_, bit) => ({ bit, name: `F${199 - bit}` }));
    const meta = { ...PLAIN_FILE.meta, flags: { F7: { owner: "cart", description: "The first" } } };
    await makeShop(many, encodeFile({ ...PLAIN_FILE, flags, meta }));
    const { page } = await openPage("light", many);
    const find = page.getByRole("searchbox", { name: "Find a flag", exact: true });
    for (const [text, count] of [
      ["f19", 11] as const,
      ["CART", 1] as const,
      ["first", 1] as const,
    ]) {
      await find.fill(text);
      await page.getByText(`${count} of 200`).waitFor();
      expect(await page.locator(".flags tbody tr").count()).toBe(count);
    }
    expect(await violations(page)).toEqual([]);
    await find.fill("f1");
    // By their names, as people count; in the record they stand the other way round.
    expect(await page.locator(".flags tbody .name").allTextContents()).toEqual([
      "F1",
      ...Array.from({ length: 49 }, (_, index) => `F${index < 10 ? 10 + index : 90 + index}`),
    ]);
    await page.close();
  });

  test("keeps in its address what a flag is sought by, for a reload, the way back, and others", async () => {
    await using many = await Plane.start({ data: temporaryFolder() });
    many.clock.now = Date.now();
    const flags = Array.from({ length: 20 }, (_, bit) => ({ bit, name: `F${bit}` }));
    await makeShop(many, encodeFile({ ...PLAIN_FILE, flags, meta: PLAIN_FILE.meta }));
    const { page, complaints } = await openPage("light", many);
    const find = page.getByLabel("Find a flag");
    await find.pressSequentially("f1 ");
    await page.getByText("11 of 20").waitFor();
    await page.reload();
    await page.getByText("11 of 20").waitFor();
    expect(await find.inputValue()).toBe("f1 ");
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    await page.goBack();
    await page.getByText("11 of 20").waitFor();
    expect(await page.title()).toBe("shop/live · immuconfig");
    await find.fill("");
    expect(new URL(page.url()).hash).toBe("#shop/live");
    const { etag } = await many.call("GET", SHOP);
    const body = { enabled: true, reason: "now" };
    await many.call("PUT", `${SHOP}/overrides/F17`, body, { "if-match": etag });
    await page.getByText("Switched: F17.").getByRole("link", { name: "F17" }).click();
    await page.getByText("1 of 20").waitFor();
    expect(await find.inputValue()).toBe("F17");
    expect(await violations(page)).toEqual([]);
    await page.goBack();
    await page.getByText("20 of 20").waitFor();
    expect(complaints).toEqual([]);
    // Where there are few flags nobody is offered to seek one, but for whom a link does so.
    await page.goto(new URL("/#shop/live?find=OLD", plane.server.url).href);
    await page.getByLabel("Token").fill(plane.token);
    await page.getByRole("button", { name: "Sign in with the token" }).click();
    await page.getByText("1 of 2").waitFor();
    await find.fill("");
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    await page.close();
  });

  test("says that the server is gone; who is signed out there signs in again", async () => {
    const data = temporaryFolder();
    const first = await Plane.start({ data });
    first.clock.now = Date.now();
    await makeShop(first, FILE);
    const { page } = await openPage("light", first);
    const { port } = first.server.url;
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    await first.server.stop();
    await page.getByText("The connection is lost").waitFor();
    await page.getByLabel("Why").fill("now");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("The server does not answer.").waitFor();
    // Sessions end with the server that gave them.
    await using second = await Plane.start({ data, port: Number(port) }, first.token);
    second.clock.now = Date.now();
    await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
    await page.close();
  });

  test("asks before a token is revoked", async () => {
    const { page } = await openPage("light");
    await page.getByRole("button", { name: "People" }).click();
    const form = page.getByRole("form", { name: "Add a token" });
    await form.getByLabel("Name of the token").fill("deploy");
    await form.getByRole("button").click();
    const revoke = page.getByRole("button", { name: "Revoke deploy" });
    const dialog = page.getByRole("dialog", { name: "Revoke the token deploy" });
    await revoke.click();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await revoke.click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await revoke.waitFor({ state: "detached" });
    await page.close();
  });

  test("removes one passkey of a person, and leaves the person", async () => {
    await enroll(plane, "Peg", [{ role: "reader" }]);
    const { page, complaints } = await openPage("dark");
    await page.getByRole("button", { name: "People" }).click();
    const row = page.getByRole("row", { name: /^Peg/ });
    await row.getByRole("button", { name: "Remove the passkey of" }).click();
    const dialog = page.getByRole("dialog", { name: /^Remove the passkey of .* of Peg$/ });
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Remove" }).click();
    await dialog.waitFor({ state: "detached" });
    await row.getByRole("button", { name: "Remove the passkey of" }).waitFor({ state: "detached" });
    const { people } = (await plane.call("GET", "/v1/people")).body;
    const peg = people.find((one: { name: string }) => one.name === "Peg");
    expect(peg.passkeys).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("gives a flag values, and takes them away; without PREMIUM_TYPES it offers none", async () => {
    const data = temporaryFolder();
    const withTypes = await buildServer(temporaryFolder(), ["PREMIUM_TYPES"]);
    await using typed = await Plane.start({ data }, undefined, withTypes);
    typed.clock.now = Date.now();
    await makeShop(typed, FILE);
    const { page, complaints } = await openPage("light", typed);
    await page.getByRole("button", { name: "Values of DEBUG" }).click();
    await page.getByLabel("Value 1").fill("blue");
    await page.getByLabel("Value 2").fill("green");
    await page.getByLabel("Weight 1").fill("90");
    await page.getByLabel("Weight 2").fill("10");
    await page.getByRole("button", { name: "Add a value" }).click();
    await page.getByLabel("Name 3").fill("third");
    await page.getByText("90 %").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Remove value 3" }).click();
    await page.getByLabel("Why").fill("try green");
    await page.getByRole("button", { name: "Keep the values" }).click();
    await page.getByText("control 90 % · treatment 10 %").waitFor();
    await page.getByText("first admin changed the values of DEBUG: try green").waitFor();
    const { body } = await typed.call("GET", `${SHOP}/variants`);
    expect(body.variants).toMatchObject([
      { flag: "DEBUG", type: "string", variants: [{ value: "blue" }, { value: "green" }] },
    ]);
    await page.getByRole("button", { name: "Values of DEBUG" }).click();
    await page.getByLabel("Type").selectOption("number");
    await page.getByLabel("Why").fill("tried");
    await page.getByRole("button", { name: "Keep the values" }).click();
    await page.getByText("The value of control is no number.").waitFor();
    await page.getByRole("button", { name: "Make it plain" }).click();
    await page.getByText("first admin took the values of DEBUG away: tried").waitFor();
    await requestValues(typed, page);
    expect(complaints).toEqual([]);
    await page.close();

    const plainBundle = await buildServer(temporaryFolder(), []);
    await using plain = await Plane.start({ data: temporaryFolder() }, undefined, plainBundle);
    plain.clock.now = Date.now();
    await makeShop(plain, FILE);
    const other = await openPage("light", plain);
    await other.page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    expect(await other.page.getByRole("button", { name: /Values/ }).count()).toBe(0);
    await other.page.close();
  });

  test.each(["light", "dark"] as const)(
    "shows the ledger of a pushed bundle, in %s",
    async (scheme) => {
      await using built = await Plane.start({ data: temporaryFolder() });
      built.clock.now = Date.now();
      await makeShop(built, FILE);
      const { page, complaints } = await openPage(scheme, built);
      expect(await page.getByRole("heading", { name: "What each flag adds" }).count()).toBe(0);
      const lines = 'import { feature } from "bun:bundle";\nimport "./cart.ts";\n';
      const sources = {
        kind: "immuconfig-sources/1",
        cwd: "",
        entrypoints: ["app.ts"],
        build: { target: "bun" },
        compilerOptions: {},
        nodeEnv: null,
        files: [
          { path: "app.ts", text: `${lines}if (feature("DEBUG")) void import("./debug.ts");\n` },
          {
            path: "cart.ts",
            text: `${lines.split("\n")[0]}if (feature("OLD_CART")) console.log(1);`,
          },
          { path: "debug.ts", text: 'console.log("debug, in some more bytes than the cart");' },
        ],
        aliases: [],
        asked: [],
        uncounted: ["src/Cart.vue"],
      };
      const body = new TextEncoder().encode(JSON.stringify(sources));
      expect((await built.call("POST", `${SHOP}/ledgers`, body)).status).toBe(202);
      // It comes by itself, to a page that is open.
      await page.getByRole("heading", { name: "What each flag adds" }).waitFor();
      await page.getByRole("img", { name: "The largest is DEBUG with" }).waitFor();
      await page.getByRole("row", { name: /^DEBUG off: would be added .* debug\.ts/ }).waitFor();
      await page
        .getByText("Not counted, for Bun takes a component for a file: src/Cart.vue")
        .waitFor();
      await page.getByText("first admin pushed a bundle").waitFor();
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 375, height: 700 });
      const widths = "[document.documentElement.scrollWidth, innerWidth]";
      expect(await page.evaluate<number[]>(widths)).toEqual([375, 375]);
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test.each(["light", "dark"] as const)("shows a rollout and the fleet, in %s", async (scheme) => {
    const now = Date.now();
    await using own = await Plane.start({ data: temporaryFolder() }, undefined, undefined, now);
    await makeShop(own, FILE);
    const { page, complaints } = await openPage(scheme, own);
    await page.getByRole("button", { name: "Switch on DEBUG" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog input:focus").waitFor();
    await page.keyboard.type("the launch");
    await page.getByText("In waves over the hosts").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Shares").fill("50%, 10%");
    await page.getByRole("button", { name: "Switch on", exact: true }).click();
    await page.getByText("the waves 50%, 10% do not ascend").waitFor();
    await page.getByLabel("Shares").fill("10%, 100%");
    await page.getByLabel("Minutes between two waves").fill("60");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Switch on", exact: true }).click();
    await page.getByText(/DEBUG is on for 10 % of the hosts; for 100 % at/).waitFor();
    await page.getByRole("row", { name: /^DEBUG .* on for 10 %: the launch/ }).waitFor();
    await page.getByRole("button", { name: "Halt the rollout of DEBUG" }).click();
    await page.getByLabel("Why").fill("look first");
    await page.getByRole("button", { name: "Halt it" }).click();
    await page.getByText("; halted: look first").waitFor();
    await page.getByRole("button", { name: "Resume the rollout of DEBUG" }).click();
    await page.getByLabel("Why").fill("all well");
    await page.getByRole("button", { name: "Resume it" }).click();
    await page.getByText("first admin let the rollout of DEBUG go on: all well").waitFor();

    const { body } = await own.call("GET", `${SHOP}/fleet`);
    const status = { version: "0.1.0", generation: 1, refused: [], problem: null };
    const hosts = [
      { host: "web-1", ...status, sequence: body.sequence, heldMs: 60 },
      { host: "web-2", ...status, sequence: body.sequence, heldMs: 20 },
      { host: "web-3", ...status, sequence: 1, heldMs: null, problem: "its signature is wrong" },
      { host: "web-4", ...status, sequence: 1, heldMs: null },
    ];
    own.clock.now = body.changed + 100;
    await own.call("POST", `${SHOP}/hosts`, hosts[3]);
    own.clock.now += 12 * 60_000;
    for (const host of hosts.slice(0, 2)) {
      const heldMs = (host.heldMs ?? 0) + 12 * 60_000;
      await own.call("POST", `${SHOP}/hosts`, { ...host, heldMs });
    }
    await own.call("POST", `${SHOP}/hosts`, hosts[2]);
    await page.reload();
    await page.getByText(/2 of 4 hosts have set \d+\. 1 behind\. 1 silent for/).waitFor();
    await page.getByText("its signature is wrong").waitFor();
    const words = /with half of the hosts after 40 ms, .* with all 2 that saw it come after 80 ms/;
    await page.getByRole("img", { name: words }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("another site cannot use a session", async () => {
    const { page } = await openPage("light");
    const cookies = await page.context().cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    expect(cookies).toMatchObject([{ httpOnly: true, secure: true, sameSite: "Strict" }]);
    const create = (headers: { [name: string]: string }) =>
      plane.call(
        "POST",
        "/v1/projects",
        { project: "csrf" },
        { authorization: "", cookie, ...headers },
      );
    expect((await create({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await create({ "sec-fetch-site": "same-site" })).status).toBe(403);
    expect((await create({ origin: "https://elsewhere.example.test" })).status).toBe(403);
    expect((await create({})).status).toBe(403);
    expect((await create({ "sec-fetch-site": "same-origin" })).status).toBe(201);
    await page.close();
  });
});
