/** The providers in the real SDKs, on a frozen record and on a live one. */

import { afterEach, expect, test } from "bun:test";
import { type Client, OpenFeature as Server, ProviderEvents } from "@openfeature/server-sdk";
import { OpenFeature as Web } from "@openfeature/web-sdk";
import { openLive } from "../../src/live/view.ts";
import { setOverride } from "../../src/live/writer.ts";
import { serverProvider, webProvider } from "../../src/openfeature/index.ts";
import { load } from "../../src/runtime/load.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

afterEach(async () => {
  await Server.close();
  await Web.close();
});

test("the server's SDK gets the record's flags, and its errors", async () => {
  const config = load(writeConfigFile(temporaryFolder()));
  await Server.setProviderAndWait(serverProvider(config));
  const client = Server.getClient();
  expect(await client.getBooleanDetails("DEBUG", true)).toMatchObject({
    value: false,
    variant: "off",
    reason: "STATIC",
  });
  expect(await client.getBooleanDetails("constructor", true)).toMatchObject({
    value: true,
    errorCode: "FLAG_NOT_FOUND",
  });
  expect(await client.getStringDetails("DEBUG", "x")).toMatchObject({
    value: "x",
    errorCode: "TYPE_MISMATCH",
  });
  expect(await client.getNumberDetails("NOPE", 3)).toMatchObject({
    value: 3,
    errorCode: "FLAG_NOT_FOUND",
  });
  expect(await client.getObjectDetails("DEBUG", { a: 1 })).toMatchObject({
    value: { a: 1 },
    errorCode: "TYPE_MISMATCH",
  });
});

test("the web SDK gets them without waiting", async () => {
  const config = load(writeConfigFile(temporaryFolder()));
  await Web.setProviderAndWait(webProvider(config));
  expect(Web.getClient().getBooleanDetails("DEBUG", true)).toMatchObject({
    value: false,
    reason: "STATIC",
  });
});

test("a live flip is an event, and the new value", async () => {
  const folder = temporaryFolder();
  const path = writeConfigFile(folder);
  const env = { XDG_RUNTIME_DIR: temporaryFolder() };
  const live = await openLive(path, { env });
  await Server.setProviderAndWait(serverProvider(live));
  const client = Server.getClient();
  const changed = nextChange(client);
  await setOverride(path, "DEBUG", true, { env });
  expect(await changed).toMatchObject({ flagsChanged: ["DEBUG"] });
  expect(await client.getBooleanValue("DEBUG", false)).toBe(true);
  live.close();
});

test("a provider that the SDK has closed, and takes again, tells of flips again", async () => {
  const path = writeConfigFile(temporaryFolder());
  const env = { XDG_RUNTIME_DIR: temporaryFolder() };
  const live = await openLive(path, { env });
  const provider = serverProvider(live);
  for (const next of [provider, serverProvider(live), provider]) {
    await Server.setProviderAndWait(next);
  }
  const changed = nextChange(Server.getClient());
  await setOverride(path, "DEBUG", true, { env });
  expect(await changed).toMatchObject({ flagsChanged: ["DEBUG"] });
  live.close();
});

function nextChange(client: Client): Promise<unknown> {
  return new Promise((resolve) => client.addHandler(ProviderEvents.ConfigurationChanged, resolve));
}
