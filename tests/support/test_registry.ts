/** An npm registry on 127.0.0.1, with a signing key of its own and faults on demand. */

import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";

export interface ServedRelease {
  version: string;
  tarball: Uint8Array;
  /** Instead of the tarball's own SHA-512. */
  integrity?: string | undefined;
  /** Instead of a signature by the registry's key. */
  signatures?: { keyid: string; sig: string }[];
  /** When it was published; default 2026-11-01. */
  time?: string;
  /** What the registry answers when asked for attestations. */
  attestations?: unknown;
  /** Other fields of the manifest. */
  manifest?: Record<string, unknown>;
  /** Other fields of the manifest's `dist`. */
  dist?: Record<string, unknown>;
  /** Sends the tarball in another way than whole or by range. */
  serve?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface SeenRequest {
  path: string;
  range: string | undefined;
  authorization: string | undefined;
}

const PUBLISHED = "2026-11-01T12:00:00.000Z";

export class TestRegistry implements AsyncDisposable {
  readonly keyId: string;
  readonly requests: SeenRequest[] = [];
  /** Whether a request is never answered. */
  isHeld: (path: string, request: IncomingMessage) => boolean = () => false;
  readonly #privateKey: KeyObject;
  readonly #publicKey: string;
  readonly #packages = new Map<string, Map<string, ServedRelease>>();
  readonly #server: Server;
  readonly #latest = new Map<string, string>();

  private constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const der = publicKey.export({ format: "der", type: "spki" });
    this.#privateKey = privateKey;
    this.#publicKey = der.toString("base64");
    this.keyId = `SHA256:${createHash("sha256").update(der).digest("base64").replace("=", "")}`;
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  static async start(): Promise<TestRegistry> {
    const registry = new TestRegistry();
    await new Promise<void>((resolve) => {
      registry.#server.listen(0, "127.0.0.1", resolve);
    });
    return registry;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Adds or replaces a release, and makes it the latest. */
  publish(name: string, release: ServedRelease): void {
    const releases = this.#packages.get(name) ?? new Map<string, ServedRelease>();
    releases.set(release.version, release);
    this.#packages.set(name, releases);
    this.#latest.set(name, release.version);
  }

  /** A signature as the registry makes it. */
  sign(name: string, version: string, integrity: string): { keyid: string; sig: string } {
    const message = Buffer.from(`${name}@${version}:${integrity}`);
    return {
      keyid: this.keyId,
      sig: sign("sha256", message, this.#privateKey).toString("base64"),
    };
  }

  /** Writes the registry's public key to a file in `folder`, in npm's form. Returns its path. */
  writeKeys(folder: string, expires: string | null = null): string {
    const path = join(folder, "registry-keys.json");
    const key = {
      keyid: this.keyId,
      keytype: "ecdsa-sha2-nistp256",
      scheme: "ecdsa-sha2-nistp256",
      key: this.#publicKey,
      expires,
    };
    writeFileSync(path, JSON.stringify({ keys: [key] }));
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? "/", this.url).pathname);
    const { range, authorization } = request.headers;
    this.requests.push({ path, range, authorization });
    if (this.isHeld(path, request)) return;
    const attestations = /^\/-\/npm\/v1\/attestations\/(.+)@([^@]+)$/.exec(path);
    const tarball = /^\/(.+)\/-\/([^/]+)\.tgz$/.exec(path);
    if (attestations !== null) {
      const release = this.#packages.get(attestations[1] ?? "")?.get(attestations[2] ?? "");
      sendJson(response, release?.attestations);
    } else if (tarball !== null) {
      const release = this.#packages.get(tarball[1] ?? "")?.get(tarball[2] ?? "");
      if (release === undefined) sendJson(response, undefined);
      else if (release.serve === undefined) sendTarball(request, response, release.tarball);
      else release.serve(request, response);
    } else {
      sendJson(response, this.#packument(path.slice(1)));
    }
  }

  #packument(name: string): unknown {
    const releases = this.#packages.get(name);
    if (releases === undefined) return undefined;
    const versions = [...releases.values()].map((release) => this.#manifest(name, release));
    return {
      name,
      "dist-tags": { latest: this.#latest.get(name) },
      versions: Object.fromEntries(versions.map((manifest) => [manifest.version, manifest])),
      time: Object.fromEntries(
        [...releases.values()].map(({ version, time }) => [version, time ?? PUBLISHED]),
      ),
    };
  }

  #manifest(name: string, release: ServedRelease) {
    const { version } = release;
    const integrity = "integrity" in release ? release.integrity : integrityOf(release.tarball);
    return {
      ...release.manifest,
      name,
      version,
      dist: {
        tarball: `${this.url}/${name}/-/${version}.tgz`,
        integrity,
        signatures: release.signatures ?? [this.sign(name, version, integrity ?? "")],
        ...(release.attestations === undefined
          ? {}
          : { attestations: { url: `${this.url}/-/npm/v1/attestations/${name}@${version}` } }),
        ...release.dist,
      },
    };
  }
}

/** The digest of a tarball, as a registry writes it. */
export function integrityOf(tarball: Uint8Array): string {
  return `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(value === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(value ?? { error: "not found" }));
}

/** Sends a tarball whole, or the part of it that is asked for. */
export function sendTarball(
  request: IncomingMessage,
  response: ServerResponse,
  tarball: Uint8Array,
): void {
  const etag = `"${createHash("sha1").update(tarball).digest("hex")}"`;
  const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const same = [undefined, etag].includes(request.headers["if-range"]?.toString());
  const from = wanted === null || !same ? 0 : Number(wanted[1]);
  if (from > 0 && from >= tarball.length) {
    response.writeHead(416, { "content-range": `bytes */${tarball.length}` });
    response.end();
    return;
  }
  response.writeHead(from === 0 ? 200 : 206, {
    etag,
    "content-length": tarball.length - from,
    ...(from === 0
      ? {}
      : { "content-range": `bytes ${from}-${tarball.length - 1}/${tarball.length}` }),
  });
  response.end(tarball.subarray(from));
}
