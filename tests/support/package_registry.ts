/**
 * A registry on 127.0.0.1 that serves what is installed in node_modules, packed again, so that a
 * package can be installed with its dependencies and no other machine is asked.
 */

import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const MODULES = join(import.meta.dir, "..", "..", "node_modules");

export interface PackageRegistry {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the registry on a free port. */
export function startPackageRegistry(): PackageRegistry {
  const folders = findPackages(MODULES);
  const server: Bun.Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request): Promise<Response> {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      const [name = "", version] = path.split("/-/");
      const versions = folders.get(name);
      if (version !== undefined) return packed(versions?.get(version));
      // A package for another platform is not installed here; the installer leaves it out.
      return Response.json(await packument(name, versions ?? new Map(), server.url.origin));
    },
  });
  return { url: server.url.origin, stop: () => server.stop(true) };
}

type Versions = ReadonlyMap<string, string>;

/** Every installed package: name, then version, then folder. */
function findPackages(modules: string, found = new Map<string, Map<string, string>>()) {
  for (const entry of existsSync(modules) ? readdirSync(modules) : []) {
    if (entry.startsWith(".")) continue;
    if (entry.startsWith("@")) {
      findPackages(join(modules, entry), found);
      continue;
    }
    const folder = join(modules, entry);
    // A package of this repository, which links to itself.
    if (lstatSync(folder).isSymbolicLink()) continue;
    if (!existsSync(join(folder, "package.json"))) continue;
    const { name, version } = manifestOf(folder);
    const versions = found.get(name) ?? new Map<string, string>();
    found.set(name, versions.set(version, folder));
    findPackages(join(folder, "node_modules"), found);
  }
  return found;
}

function manifestOf(folder: string): { name: string; version: string } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
}

const tarballs = new Map<string, Promise<Uint8Array>>();

/** The folder as an npm tarball, made once. */
function tarball(folder: string): Promise<Uint8Array> {
  let made = tarballs.get(folder);
  if (made === undefined) {
    const options = ["--exclude=./node_modules", "--transform=s,^\\.,package,", "-czf", "-"];
    made = Bun.spawn(["tar", ...options, "-C", folder, "."], { stdin: "ignore" }).stdout.bytes();
    tarballs.set(folder, made);
  }
  return made;
}

async function packed(folder: string | undefined): Promise<Response> {
  return folder === undefined
    ? new Response("no such version", { status: 404 })
    : new Response(await tarball(folder));
}

async function packument(name: string, versions: Versions, origin: string) {
  const entries: Record<string, unknown> = {};
  for (const [version, folder] of versions) {
    const integrity = createHash("sha512")
      .update(await tarball(folder))
      .digest("base64");
    entries[version] = {
      ...manifestOf(folder),
      scripts: {},
      dist: { tarball: `${origin}/${name}/-/${version}`, integrity: `sha512-${integrity}` },
    };
  }
  return { name, "dist-tags": { latest: [...versions.keys()].at(-1) }, versions: entries };
}
