/** The system's secret store: Keychain, Secret Service, Credential Manager, through Bun. */

import { ImmuconfigError, messageOf } from "../../base/errors.ts";

const SERVICE = "immuconfig";

/** @throws ImmuconfigError `ERR_KEY` where the system has no such store, or it is locked */
export async function setSecret(name: string, value: string): Promise<void> {
  await guard(() => store().set({ service: SERVICE, name, value }));
}

/** @throws ImmuconfigError `ERR_KEY`, also when there is nothing under this name */
export async function getSecret(name: string, what: string): Promise<string> {
  const value = await guard(() => store().get({ service: SERVICE, name }));
  if (value !== null) return value;
  throw new ImmuconfigError("ERR_KEY", `the system's secret store does not hold ${what}`, {
    hint: "Was it removed, or made by another user? See `bun-config key list`.",
  });
}

/** @throws Error outside Bun */
function store(): typeof Bun.secrets {
  if (typeof Bun !== "undefined") return Bun.secrets;
  throw new Error("Bun alone reaches it, and Node runs this");
}

async function guard<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ImmuconfigError("ERR_KEY", `the system's secret store cannot be used: ${reason}`, {
      hint: "Unlock it, or keep the key under a passphrase: --store file.",
      cause,
    });
  }
}
