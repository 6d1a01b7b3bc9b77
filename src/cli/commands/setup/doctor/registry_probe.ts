/**
 * Asks Bun which registry it asks: it is started with a proxy of ours on the loopback, which notes
 * the request and answers nothing. No request leaves the machine.
 */

import { parseUrl } from "../../../../base/text.ts";
import { spawn } from "node:child_process";
import { childEnd } from "../../../../base/child_end.ts";
import { createServer } from "node:net";
import { DOCTOR_WAIT_MS } from "../../../../base/limits.ts";
import { registryUrl } from "../../../../format/file.ts";
import { DEFAULT_SCOPE } from "../../../../format/meta.ts";
import { fail, type Observation, ok, type Examined, warn } from "./finding.ts";

/** Nobody has this package; its name is all that is asked for. */
const PROBE = "immuconfig-doctor-probe";
const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
const NO_PROXY_VARIABLES = ["NO_PROXY", "no_proxy"];

/** For the unscoped registry and for every scope that the record names. */
export async function registryProbe(examined: Examined, bun: string): Promise<Observation[]> {
  const { file } = examined;
  const unscoped = file === undefined ? undefined : registryUrl(file);
  if (file === undefined || unscoped === undefined) return [];
  const registries = Object.entries({ ...file.meta.registries, [DEFAULT_SCOPE]: unscoped });
  const findings: Observation[] = [];
  for (const [scope, url] of registries) {
    const name = scope === DEFAULT_SCOPE ? PROBE : `${scope}/${PROBE}`;
    const request = await firstRequest(examined, [bun, "info", name]);
    const what = scope === DEFAULT_SCOPE ? "Bun" : `Bun, for ${scope},`;
    if (request === undefined) {
      findings.push(warn(`${what} asked no registry through a proxy`, "See `bun info` by hand."));
    } else if (isAbout(request, new URL(url))) {
      findings.push(ok(`${what} asks ${url}, by its own request`));
    } else {
      const asked = request.split(" ")[1] ?? request;
      findings.push(
        fail(
          `${what} asks ${asked}, and the record says ${url}`,
          "Name the record's registry in bunfig.toml, or take the other one out of the environment.",
        ),
      );
    }
  }
  return findings;
}

/** A request to a proxy names the host alone where the rest is secret. */
function isAbout(request: string, url: URL): boolean {
  const [method, target = ""] = request.split(" ");
  if (method === "CONNECT") return target === `${url.hostname}:${url.port || "443"}`;
  const asked = parseUrl(target);
  return asked !== null && asked.origin === url.origin && asked.pathname.startsWith(url.pathname);
}

/** @returns the first line that the command sends to a proxy; undefined where it sends none */
async function firstRequest(
  { project, env }: Examined,
  command: readonly string[],
): Promise<string | undefined> {
  const server = createServer();
  const promise = new Promise<string>((resolve) => {
    server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => {
        resolve(bytes.toString("latin1").split("\r\n", 1)[0] ?? "");
        socket.destroy();
      });
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const proxy = PROXY_VARIABLES.map((name) => [name, `http://127.0.0.1:${port}`]);
    const [program = "", ...words] = command;
    const child = spawn(program, words, {
      cwd: project.folder,
      env: {
        ...env,
        ...Object.fromEntries(proxy),
        ...Object.fromEntries(NO_PROXY_VARIABLES.map((name) => [name, ""])),
      },
      stdio: "ignore",
      timeout: DOCTOR_WAIT_MS,
    });
    const end = childEnd(child);
    const request = await Promise.race([promise, end.then(() => undefined)]);
    child.kill();
    await end;
    return request;
  } finally {
    server.close();
  }
}
