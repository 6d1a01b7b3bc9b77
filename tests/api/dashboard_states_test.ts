/** The dashboard when something is not as usual: nothing there yet, cut off, frozen, signed out, or asked too early. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { encodeFile } from "../../src/format/file.ts";
import {
  addAuthenticator,
  complaintsOf,
  hasChromium,
  launchChromium,
  violations,
} from "../support/browser.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { ForgetfulProxy } from "../support/forgetful_proxy.ts";
import { buildPackage } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { openDashboard } from "./dashboard_page.ts";
import { enroll, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const PHONE = { width: 360, height: 740 };
const FILE = encodeFile({ ...PLAIN_FILE, flags: [{ bit: 2, name: "DEBUG" }] });

async function startPlane(hasShop = true): Promise<Plane> {
  const plane = await Plane.start({ data: temporaryFolder() });
  plane.clock.now = Date.now();
  if (hasShop) await makeShop(plane, FILE);
  return plane;
}

async function change(plane: Plane, method: string, path: string, body: object): Promise<void> {
  const { etag } = await plane.call("GET", SHOP);
  const { status } = await plane.call(method, `${SHOP}${path}`, body, { "if-match": etag });
  expect(status).toBeLessThan(300);
}

describe.skipIf(!hasChromium)("the dashboard", () => {
  let browser: Browser;

  beforeAll(async () => {
    await buildPackage();
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  test("shows the first environment as soon as it is pushed, and is called by it", async () => {
    await using plane = await startPlane(false);
    const page = await openDashboard(browser, plane);
    await page.getByRole("heading", { name: "No environment yet" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.title()).toBe("immuconfig");
    await makeShop(plane, FILE);
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    expect(await page.title()).toBe("shop/live · immuconfig");
    await page.close();
  });

  test("says that it reads, where that takes long, and in which time zone a time is written", async () => {
    await using plane = await startPlane();
    const page = await openDashboard(browser, plane, { timezoneId: "Europe/Berlin" });
    for (const path of ["/v1/session", "/v1/projects"]) {
      const go = Promise.withResolvers<void>();
      await page.route(
        (url) => url.pathname === path,
        (route) => go.promise.then(() => route.continue()),
      );
      await page.reload();
      await page.getByText("Reading…").waitFor();
      expect(await violations(page)).toEqual([]);
      go.resolve();
      await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
      await page.unrouteAll({ behavior: "wait" });
    }
    // In the summer, too: it is no time of the winter alone.
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    await page.getByText("Central European Time", { exact: true }).waitFor();
    await page.getByLabel("Why").fill("too early");
    await page.getByLabel("When").fill("2020-07-01T10:00");
    await page.keyboard.press("Enter");
    await page.getByText("its time (`at`) must lie ahead").waitFor();
    await page.close();
  });

  test("follows the browser back and forward", async () => {
    await using plane = await startPlane();
    const page = await openDashboard(browser, plane);
    const complaints = complaintsOf(page);
    await page.getByRole("heading", { name: "Flags" }).waitFor();
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Flags" }).waitFor();
    await page.goForward();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("comes back by itself after a proxy has answered for the server", async () => {
    await using plane = await startPlane();
    const page = await openDashboard(browser, plane);
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    await page.route("**/events", (route) => route.fulfill({ status: 502 }), { times: 1 });
    // Another environment and back: the stream is opened anew, and refused once.
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("heading", { name: "Tokens" }).waitFor();
    await page.getByLabel("Environment").selectOption("shop/live");
    const alert = page.getByRole("alert").getByText("The connection is lost");
    await alert.waitFor();
    await alert.waitFor({ state: "detached" });
    await change(plane, "PUT", "/overrides/DEBUG", { enabled: true, reason: "seen" });
    await page.getByText("first admin switched DEBUG on: seen").waitFor();
    await page.close();
  });

  test("shows the newest state, though an older answer comes last", async () => {
    await using plane = await startPlane();
    const page = await openDashboard(browser, plane);
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    const held = Promise.withResolvers<void>();
    const isAsked = Promise.withResolvers<void>();
    await page.route(
      `**${SHOP}`,
      async (route) => {
        const response = await route.fetch();
        isAsked.resolve();
        await held.promise;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await change(plane, "PUT", "/overrides/DEBUG", { enabled: true, reason: "first" });
    await isAsked.promise;
    await change(plane, "DELETE", "/overrides/DEBUG?reason=second", {});
    // Long enough for a page that would ask twice at once to have the newer answer.
    await Bun.sleep(500);
    held.resolve();
    await page.getByText("first admin gave DEBUG back to the record: second").waitFor();
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    await page.close();
  });

  test("says in an open dialog that somebody else has changed the flag meanwhile", async () => {
    await using plane = await startPlane();
    const page = await openDashboard(browser, plane);
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    await page.getByLabel("Why").fill("to see");
    await change(plane, "PUT", "/overrides/DEBUG", { enabled: true, reason: "I was first" });
    const dialog = page.getByRole("dialog");
    await dialog
      .getByText("Meanwhile DEBUG has been changed. It is on now: I was first.")
      .waitFor();
    expect(await violations(page)).toEqual([]);
    // What was typed is still there.
    expect(await page.getByLabel("Why").inputValue()).toBe("to see");
    await page.close();
  });

  test("says, where an answer does not come, that the change may have been made, and reads again", async () => {
    await using plane = await startPlane();
    await using proxy = await ForgetfulProxy.start(plane.server.url);
    const page = await openDashboard(browser, plane, { url: proxy.url });
    await page.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
    await page.getByRole("button", { name: "Switch on DEBUG" }).click();
    await page.getByLabel("Why").fill("to see");
    const dialog = page.getByRole("dialog");
    const unknown = "It is not known whether the change was made";
    // Where the server has heard of nothing, no event has the page read again.
    await page.route("**/overrides/DEBUG", (route) => route.abort(), { times: 1 });
    const again = page.waitForRequest((request) => new URL(request.url()).pathname === SHOP);
    await page.keyboard.press("Enter");
    await dialog.getByText(`The server does not answer. ${unknown}`).waitFor();
    await again;
    proxy.cutAnswer("PUT ");
    await dialog.getByRole("button", { name: "Switch on" }).click();
    await dialog.getByText(`The server's answer was cut off. ${unknown}`).waitFor();
    await dialog.getByText("Meanwhile DEBUG has been changed. It is on now: to see.").waitFor();
    await page.close();
  });

  test("says that the session has ended", async () => {
    await using plane = await startPlane();
    const { body } = await plane.call("POST", "/v1/tokens", { name: "short", role: "reader" });
    const page = await openDashboard(browser, plane, { token: body.secret });
    await page.getByRole("heading", { name: "Flags" }).waitFor();
    await plane.call("DELETE", `/v1/tokens/${body.token}`);
    await page.getByText("Your session has ended. Sign in again.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  test("says in its own words that no passkey was used", async () => {
    await using plane = await startPlane();
    const page = await browser.newPage();
    await addAuthenticator(page);
    await page.goto(plane.server.url.href.replace("127.0.0.1", "localhost"));
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByRole("alert").getByText("No passkey was used").waitFor();
    await page.close();
  });

  test("lets an administrator switch off in a freeze what somebody has switched on, and nothing else", async () => {
    await using plane = await startPlane();
    await change(plane, "PUT", "/overrides/DEBUG", { enabled: true, reason: "to see" });
    await change(plane, "PUT", "/freeze", { reason: "the sale" });
    const page = await openDashboard(browser, plane);
    const complaints = complaintsOf(page);
    await page.getByText("Frozen by first admin").waitFor();
    expect(await page.getByRole("button", { name: /Give back|Values/ }).count()).toBe(0);
    await page.getByRole("button", { name: "Switch off DEBUG" }).click();
    await page.getByLabel("Why").fill("payments fail");
    await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
    await page.getByText("first admin switched DEBUG off").waitFor();
    await page.getByText("frozen", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: /Switch/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("changes what a person may do, and gives a token an end and the clipboard its secret", async () => {
    await using plane = await startPlane();
    await enroll(plane, "Peg", [{ role: "reader" }]);
    const permissions = ["clipboard-read", "clipboard-write"];
    const page = await openDashboard(browser, plane, { permissions, viewport: PHONE });
    const complaints = complaintsOf(page);
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("button", { name: "Roles of Peg" }).click();
    await page.getByLabel("Role 1").selectOption("writer");
    await page.getByLabel("Where 1").selectOption("shop");
    await page.getByRole("button", { name: "Add a role" }).click();
    await page.getByLabel("Where 2").selectOption("shop/live");
    await page.getByRole("button", { name: "Add a role" }).click();
    await page.getByRole("button", { name: "Remove role 3" }).click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("writer in shop, reader in shop/live").waitFor();
    const { people } = (await plane.call("GET", "/v1/people")).body;
    expect(people[0].grants).toEqual([
      { role: "writer", project: "shop", environment: null },
      { role: "reader", project: "shop", environment: "live" },
    ]);
    const form = page.getByRole("form", { name: "Add a token" });
    await form.getByLabel("Name of the token").fill("deploy");
    await form.getByLabel("Ends").selectOption("In 30 days");
    await form.getByRole("button").click();
    await page.getByRole("button", { name: "Copy The token deploy" }).click();
    await page.getByText("Copied").waitFor();
    const secret = await page.locator("code.secret").textContent();
    expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(secret ?? "");
    const { tokens } = (await plane.call("GET", "/v1/tokens")).body;
    const days = (tokens.at(-1).expires - Date.now()) / (24 * 60 * 60 * 1000);
    expect(Math.ceil(days)).toBe(30);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
