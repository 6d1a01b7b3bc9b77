/**
 * A registry on 127.0.0.1 that serves what is installed in node_modules, packed again, so that a
 * package can be installed with its dependencies and no other machine is asked.
 */

import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./repository.ts";
import { packTarball } from "./tarball.ts";

const MODULES = join(REPOSITORY, "node_modules");

export interface PackageRegistry {
  readonly url: string;
  stop(): Promise<void>;
}

const PUBLISHED = "2026-01-01T00:00:00.000Z";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Published {
  readonly manifest: Manifest;
  /** The npm tarball. */
  readonly tarball: () => Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Starts the registry on a free port.
 *
 * @param tarballs packages that are served beside those of node_modules
 */
export async function startPackageRegistry(
  tarballs: readonly string[] = [],
): Promise<PackageRegistry> {
  const packages = findPackages(MODULES, new Packages());
  for (const path of tarballs) packages.add(await packed(path));
  addForOtherPlatforms(packages);
  const server: Bun.Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    // Packing takes its time on a busy machine, in seconds.
    idleTimeout: 120,
    async fetch(request): Promise<Response> {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      const [name = "", version] = path.replace(/\.tgz$/, "").split("/-/");
      const versions = packages.byName.get(name);
      if (versions === undefined) return new Response("no such package", { status: 404 });
      if (version === undefined) {
        return Response.json(await packument(name, versions, server.url.origin));
      }
      const bytes = await versions.get(version)?.tarball();
      return new Response(bytes ?? "no such version", { status: bytes === undefined ? 404 : 200 });
    },
  });
  return { url: server.url.origin, stop: () => server.stop(true) };
}

/** By name, then by version. */
class Packages {
  readonly byName = new Map<string, Map<string, Published>>();

  add(published: Published): void {
    const { name, version } = published.manifest;
    const versions = this.byName.get(name) ?? new Map<string, Published>();
    this.byName.set(name, versions.set(version, published));
  }
}

/** Every installed package. */
function findPackages(modules: string, found: Packages): Packages {
  for (const entry of existsSync(modules) ? readdirSync(modules) : []) {
    if (entry.startsWith(".")) continue;
    if (entry.startsWith("@")) {
      findPackages(join(modules, entry), found);
      continue;
    }
    const folder = join(modules, entry);
    // A package of this repository, which links to itself.
    if (lstatSync(folder).isSymbolicLink()) continue;
    const path = join(folder, "package.json");
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    found.add({ manifest, tarball: once(() => packFolder(folder)) });
    findPackages(join(folder, "node_modules"), found);
  }
  return found;
}

/** What is for other platforms is not installed here. An installer reads of it, and leaves it out. */
function addForOtherPlatforms(packages: Packages): void {
  const named = [...packages.byName.values()].flatMap((versions) =>
    [...versions.values()].flatMap(({ manifest }) =>
      Object.entries(manifest.optionalDependencies ?? {}),
    ),
  );
  for (const [name, range] of named) {
    const version = range.replace(/^[~^]/, "");
    if (packages.byName.get(name)?.has(version) === true || !/^\d/.test(version)) continue;
    const manifest = { name, version, os: ["none"], cpu: ["none"] };
    const text = JSON.stringify(manifest);
    const pack = async () => packTarball([{ path: "package/package.json", content: text }]);
    packages.add({ manifest, tarball: once(pack) });
  }
}

async function packed(path: string): Promise<Published> {
  const extract = ["tar", "-xzOf", path, "package/package.json"];
  const manifest = (await Bun.spawn(extract).stdout.json()) as Manifest;
  return {
    manifest,
    tarball: once(async () => new Uint8Array(await Bun.file(path).arrayBuffer())),
  };
}

/** The folder as an npm tarball. */
function packFolder(folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const options = ["--exclude=./node_modules", "--transform=s,^\\.,package,", "-czf", "-"];
  return Bun.spawn(["tar", ...options, "-C", folder, "."], { stdin: "ignore" }).stdout.bytes();
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function packument(
  name: string,
  versions: ReadonlyMap<string, Published>,
  origin: string,
): Promise<unknown> {
  const entries: Record<string, unknown> = {};
  for (const [version, { manifest, tarball }] of versions) {
    const integrity = createHash("sha512")
      .update(await tarball())
      .digest("base64");
    entries[version] = {
      ...manifest,
      scripts: {},
      dist: { tarball: `${origin}/${name}/-/${version}.tgz`, integrity: `sha512-${integrity}` },
    };
  }
  // Yarn takes nothing that is new.
  const time = Object.fromEntries([...versions.keys()].map((version) => [version, PUBLISHED]));
  return { name, time, "dist-tags": { latest: [...versions.keys()].at(-1) }, versions: entries };
}
