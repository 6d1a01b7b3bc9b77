/** Chromium, and what axe finds in a page of it. */

import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { findTool } from "./tools.ts";

/** Nothing where Chromium is not installed. */
const CHROMIUM = findTool("chromium");

export const hasChromium = CHROMIUM !== undefined;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** What axe finds, evaluated by the browser's own protocol: the page's policy allows no script. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    "axe.run().then((found) => found.violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
  );
}

/** What the page's console complains of, from now on. */
export function complaintsOf(page: Page, complaints: string[] = []): string[] {
  page.on("console", (message) => {
    // An answer that refuses is not the page's fault: 401 before anybody has signed in, 423 in a freeze.
    if (message.type() === "error" && !/status of (401|423)/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  return complaints;
}

/** A passkey of the page's machine, which verifies its user by itself. */
export async function addAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
