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
import { CLI } from "../support/cli.ts";
import { buildPackage } from "../support/project.ts";
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
  let complaints: string[];
  /** Of a program. */
  let token = "";

  beforeAll(async () => {
    await buildPackage();
    server = await serveCommand(temporaryFolder());
    browser = await launchChromium();
    ann = await browser.newPage();
    complaints = complaintsOf(ann);
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
});

/** @returns the invitation's address */
async function addPerson(page: Page, name: string, role: string): Promise<string> {
  const form = page.getByRole("form", { name: "Add a person" });
  await form.getByLabel("Name of the person").fill(name);
  await form.getByLabel("Role").selectOption(role);
  await form.getByRole("button").click();
  await page.getByText(`The invitation of ${name}`).waitFor();
  return (await page.locator("code.secret").textContent()) ?? "";
}
