/** The page's way to a provider of identities and back, in a browser, on the command's own server. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { complaintsOf, hasChromium, launchChromium, violations } from "../support/browser.ts";
import { freePort } from "../support/free_port.ts";
import { OidcProvider } from "../support/oidc_provider.ts";
import { buildPackage } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { serveCommand } from "./serve_command.ts";

setDefaultTimeout(90_000);
const temporaryFolder = useTemporaryFolders();

describe.skipIf(!hasChromium)("in Chromium", () => {
  test("a stranger is told, and whom an administrator invites comes in, and again", async () => {
    await buildPackage();
    await using provider = await OidcProvider.start();
    const port = freePort();
    const origin = `http://localhost:${port}`;
    const { issuer, clientId, secret = "" } = provider.settings(origin);
    const folder = temporaryFolder();
    writeFileSync(join(folder, "client.secret"), `${secret}\n`);
    await using server = await serveCommand(folder, [
      "--port",
      String(port),
      "--oidc-issuer",
      issuer.origin,
      "--oidc-client-id",
      clientId,
      "--oidc-origin",
      origin,
      "--oidc-secret-file",
      "client.secret",
    ]);
    const invited = await fetch(new URL("/v1/people", server.url), {
      method: "POST",
      headers: { authorization: `Bearer ${server.token}` },
      body: JSON.stringify({ name: "Ann", grants: [{ role: "admin" }] }),
    });
    const { invitation } = (await invited.json()) as { invitation: string };
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const complaints = complaintsOf(page);
      const button = page.getByRole("button", { name: `Sign in with ${issuer.host}` });
      await page.goto(origin);
      await button.click();
      await page.getByText("Nobody here is known by that account").waitFor();
      expect(page.url()).toBe(`${origin}/`);
      expect(await violations(page)).toEqual([]);
      await page.goto(`${origin}/#invite=${invitation}`);
      await page.getByText("You are invited").waitFor();
      await button.click();
      await page.getByText("Ann, admin").waitFor();
      await page.getByRole("button", { name: "People" }).click();
      await page.getByRole("cell", { name: issuer.origin }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Sign out" }).click();
      await button.click();
      await page.getByText("Ann, admin").waitFor();
      expect(await page.evaluate("document.cookie")).toBe("");
      const kept = await page.context().cookies();
      expect(kept.map(({ name }) => name)).toEqual(["__Host-session"]);
      // The one way in goes, and with it the session that it opened.
      await page.getByRole("button", { name: "People" }).click();
      const name = `${provider.subject} at ${issuer.origin}`;
      await page.getByRole("button", { name: `Remove ${name}` }).click();
      const dialog = page.getByRole("dialog", { name: `Remove ${name} of Ann` });
      expect(await violations(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await dialog.getByRole("button", { name: "Remove" }).click();
      await button.click();
      await page.getByText("Nobody here is known by that account").waitFor();
    } finally {
      await browser.close();
    }
  });
});
