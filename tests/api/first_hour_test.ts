/** The first hour of docs/serve.md, in a browser, on the command's own server. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import {
  addAuthenticator,
  complaintsOf,
  hasChromium,
  launchChromium,
  violations,
} from "../support/browser.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage } from "../support/project.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { serveCommand } from "./serve_command.ts";

setDefaultTimeout(90_000);
const temporaryFolder = useTemporaryFolders();
const FILE = { ...PLAIN_FILE, meta: { ...PLAIN_FILE.meta, project: "shop" } };

describe.skipIf(!hasChromium)("the first hour", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveCommand>>;
  /** Ann's, with her passkey. */
  let ann: Page;
  let bob: Page;
  const complaints: string[] = [];
  /** Of a program. */
  let token = "";

  beforeAll(async () => {
    await buildPackage();
    server = await serveCommand(temporaryFolder());
    browser = await launchChromium();
    ann = await browser.newPage();
    complaintsOf(ann, complaints);
    await addAuthenticator(ann);
  });

  afterAll(async () => {
    expect(complaints).toEqual([]);
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  test("the first token lets in; with her passkey Ann is the administrator, and it ends", async () => {
    await ann.goto(server.url);
    await ann.getByLabel("Token").fill(server.token);
    await ann.getByRole("button", { name: "Sign in with the token" }).click();
    await ann.getByRole("button", { name: "People" }).click();
    const link = await addPerson(ann, "Ann", "admin");
    expect(await violations(ann)).toEqual([]);
    await ann.goto(link);
    await ann.getByRole("button", { name: "Create a passkey" }).click();
    await ann.getByText("Ann, admin").waitFor();
    expect(new URL(ann.url()).hash).toBe("");
    const { status } = await fetch(new URL("/v1/tokens", server.url), {
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect(status).toBe(401);
  });

  test.each(["light", "dark"] as const)(
    "she signs out, and in again, in %s",
    async (colorScheme) => {
      await ann.emulateMedia({ colorScheme });
      await ann.getByRole("button", { name: "Sign out" }).click();
      const button = ann.getByRole("button", { name: "Sign in with a passkey" });
      await button.waitFor();
      expect(await violations(ann)).toEqual([]);
      await button.click();
      await ann.getByText("Ann, admin").waitFor();
    },
  );

  test("she gives a checkout a token, which pushes a real record", async () => {
    await ann.getByRole("button", { name: "People" }).click();
    const form = ann.getByRole("form", { name: "Add a token" });
    await form.getByLabel("Name of the token").fill("checkout");
    await form.getByLabel("Role").selectOption("admin");
    await form.getByRole("button").click();
    await ann.getByText("The token checkout").waitFor();
    token = (await ann.locator("code.secret").textContent()) ?? "";
    const folder = temporaryFolder();
    writeConfigFile(folder, FILE);
    const pushed = await run([BUN, CLI, "push", "--create"], {
      cwd: folder,
      env: {
        IMMUCONFIG_SERVER: server.url,
        IMMUCONFIG_TOKEN: token,
        IMMUCONFIG_ENVIRONMENT: "live",
      },
    });
    expect(pushed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("generation 1") });
    await ann.goto(server.url);
    await ann.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
  });

  test("she switches a flag now, and plans when it is given back", async () => {
    await ann.getByRole("button", { name: "Switch on DEBUG" }).click();
    await answer(ann, "to see more", "Switch on");
    await ann.getByText("Ann switched DEBUG on").waitFor();
    await ann.getByRole("button", { name: "Give back DEBUG" }).click();
    await ann.getByText("It is off then, as the record says.").waitFor();
    await ann.getByLabel("When").fill(localTime(Date.now() + 60 * 60 * 1000));
    await answer(ann, "seen enough", "Give it back");
    await ann.getByText("give DEBUG back to the record, planned by Ann").waitFor();
    await ann.getByText("Ann planned to give DEBUG back").waitFor();
    await ann.getByRole("button", { name: "Take back what Ann wants: seen enough" }).click();
    const title = "Take back the plan to give DEBUG back to the record";
    await ann.getByRole("dialog", { name: title }).waitFor();
    await answer(ann, "not yet", "Take it back");
    await ann.getByText("Nothing waits.").waitFor();
  });

  test("she asks for two persons; what she wants happens when Bob approves it", async () => {
    await ann.getByRole("button", { name: "People" }).click();
    const link = await addPerson(ann, "Bob", "writer");
    bob = await (await browser.newContext({ colorScheme: "dark" })).newPage();
    complaintsOf(bob, complaints);
    await addAuthenticator(bob);
    await bob.goto(link);
    await bob.getByRole("button", { name: "Create a passkey" }).click();
    await bob.getByText("Bob, writer").waitFor();

    await ann.goto(server.url);
    await ann.getByRole("button", { name: "Require two persons" }).click();
    await answer(ann, "it is live", "Require two");
    await bob.getByText("A change here needs somebody else").waitFor();
    await ann.getByRole("button", { name: "Give back DEBUG" }).click();
    expect(await violations(ann)).toEqual([]);
    await answer(ann, "the night", "Ask for it");
    await ann.getByText("Ann asks to give DEBUG back to the record: the night").waitFor();
    expect(await ann.getByRole("button", { name: "Approve" }).count()).toBe(0);
    await bob.getByRole("button", { name: "Approve what Ann wants: the night" }).waitFor();
    await bob.getByText("A request waits.").getByRole("button", { name: "Show" }).click();
    await bob.locator("h2:focus", { hasText: "Plans and requests" }).waitFor();
    await bob.getByRole("button", { name: "Reject what Ann wants: the night" }).click();
    const title = "Reject the request to give DEBUG back to the record";
    await bob.getByRole("dialog", { name: title }).waitFor();
    await bob.keyboard.press("Escape");
    expect(await violations(bob)).toEqual([]);
    await bob.getByRole("button", { name: "Approve" }).click();
    await ann.getByText("Bob approved request").waitFor();
    await ann.getByRole("button", { name: "Switch on DEBUG" }).waitFor();
  });

  test("she freezes the environment: nobody but her can switch, and only off", async () => {
    await ann.getByRole("button", { name: "Freeze" }).click();
    const dialog = ann.getByRole("dialog", { name: /^Freeze \S+\/live$/ });
    await dialog.getByText("an administrator can switch flags off, and nothing else").waitFor();
    expect(await violations(ann)).toEqual([]);
    await answer(ann, "Black Friday", "Freeze it");
    for (const page of [ann, bob]) await page.getByText("Frozen by Ann").waitFor();
    for (const page of [ann, bob]) expect(await violations(page)).toEqual([]);
    for (const page of [ann, bob]) {
      expect(await page.getByRole("button", { name: /Switch on|Give back|Values/ }).count()).toBe(
        0,
      );
    }
    await ann.getByRole("button", { name: "Thaw" }).click();
    await answer(ann, "over", "Thaw it");
    await bob.getByText("Ann thawed the environment: over").waitFor();
  });

  test("the history tells all of it, in words", async () => {
    const told = await ann.locator("ol.history li span").allTextContents();
    expect(told.toReversed()).toEqual([
      "checkout created the environment",
      "checkout pushed generation 1 of the record",
      expect.stringMatching(/^Ann switched DEBUG on until .*: to see more$/),
      expect.stringMatching(/^Ann planned to give DEBUG back to the record, at .*: seen enough$/),
      expect.stringMatching(/^Ann took plan \d+ back: not yet$/),
      "Ann required two persons for a change from now on: it is live",
      "Ann asked to give DEBUG back to the record: the night",
      expect.stringMatching(/^Bob approved request \d+$/),
      "Bob gave DEBUG back to the record: the night",
      "Ann froze the environment: Black Friday",
      "Ann thawed the environment: over",
    ]);
  });
});

/** Gives the open dialog its reason, and does what it asks about. */
async function answer(page: Page, reason: string, verb: string): Promise<void> {
  await page.getByLabel("Why").fill(reason);
  await page.getByRole("dialog").getByRole("button", { name: verb, exact: true }).click();
}

/** As a field for a local time takes it. */
function localTime(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @returns the invitation's address */
async function addPerson(page: Page, name: string, role: string): Promise<string> {
  const form = page.getByRole("form", { name: "Add a person" });
  await form.getByLabel("Name of the person").fill(name);
  await form.getByLabel("Role").selectOption(role);
  await form.getByRole("button").click();
  await page.getByText(`The invitation of ${name}`).waitFor();
  return (await page.locator("code.secret").textContent()) ?? "";
}
