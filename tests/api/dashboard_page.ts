/** The dashboard of a plane, opened by whoever has a token. */

import type { Browser, Page } from "playwright-core";
import type { Plane } from "./support.ts";

/** @returns a page of a context of its own, where somebody has signed in with the plane's token, or another */
export async function openDashboard(
  browser: Browser,
  plane: Plane,
  options: Parameters<Browser["newPage"]>[0] & {
    readonly token?: string;
    readonly url?: string;
  } = {},
): Promise<Page> {
  const { token = plane.token, url = plane.server.url.href, ...context } = options;
  const page = await browser.newPage(context);
  await page.goto(url);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in with the token" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return page;
}
