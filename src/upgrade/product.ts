/** What can be upgraded, and how it is packed and asked for its version. */

import { ImmuconfigError } from "../base/errors.ts";
import { interpreterOf } from "./libc.ts";

/** The machine that a program must run on. */
export interface Host {
  /** As in `process.platform`. */
  platform: string;
  /** As in `process.arch`. */
  arch: string;
  /** Linux with musl in place of glibc. */
  musl: boolean;
}

/** A question that a program answers about itself, and how its answer names a version. */
interface Probe {
  argument: "--version" | "--revision";
  /** Whether `output`, trimmed, is what `version` answers. */
  accepts: (output: string, version: string) => boolean;
}

/** Something that an upgrade knows how to replace. */
export interface Product {
  id: "bun" | "self";
  /** What messages call it. */
  title: string;
  /** The npm package that a package manager installs. */
  packageName: string;
  /** The npm package that holds the program for one platform. */
  platformPackage: string;
  /** The one file that is taken out of that package. */
  member: string;
  probes: readonly Probe[];
  /** What the signer of a provenance statement must begin with; undefined: anyone who is named. */
  signerPrefix: string | undefined;
  /** Major versions that may serve a record, by its config version. */
  majors: ReadonlyMap<number, readonly number[]>;
}

const reportsVersion: Probe = {
  argument: "--version",
  accepts: (output, version) => output === version,
};

const reportsRevision: Probe = {
  argument: "--revision",
  accepts: (output, version) =>
    output === version ||
    (output.startsWith(`${version}+`) && /^[0-9A-Za-z.-]+$/.test(output.slice(version.length + 1))),
};

/**
 * Bun, as the platform packages under `@oven` hold it.
 *
 * @throws ImmuconfigError `ERR_UNSUPPORTED` when Bun is not made for `host`
 */
export function bunProduct(host: Host): Product {
  return {
    id: "bun",
    title: "bun",
    packageName: "bun",
    platformPackage: `@oven/bun-${platformSuffix(host, "aarch64")}`,
    member: `package/bin/${host.platform === "win32" ? "bun.exe" : "bun"}`,
    probes: [reportsRevision, reportsVersion],
    signerPrefix: "https://github.com/oven-sh/",
    majors: new Map([
      [0, [1]],
      [1, [1]],
    ]),
  };
}

/**
 * immuconfig's own executable, as the platform packages under `@immuconfig` hold it.
 *
 * @throws ImmuconfigError `ERR_UNSUPPORTED` when it is not made for `host`
 */
export function selfProduct(host: Host): Product {
  return {
    id: "self",
    title: "immuconfig",
    packageName: "immuconfig",
    platformPackage: `@immuconfig/cli-${platformSuffix(host, "arm64")}`,
    member: `package/bin/${host.platform === "win32" ? "bun-config.exe" : "bun-config"}`,
    probes: [reportsVersion],
    signerPrefix: undefined,
    majors: new Map([
      [0, [0, 1]],
      [1, [0, 1]],
    ]),
  };
}

/** The machine we run on. What runs us runs on its C library. */
export function currentHost(): Host {
  const musl =
    process.platform === "linux" && interpreterOf(process.execPath)?.includes("/ld-musl-") === true;
  return { platform: process.platform, arch: process.arch, musl };
}

function platformSuffix(host: Host, arm64: string): string {
  const system = { linux: "linux", darwin: "darwin", win32: "windows", freebsd: "freebsd" }[
    host.platform
  ];
  const arch = { x64: "x64", arm64 }[host.arch];
  if (system === undefined || arch === undefined) {
    throw new ImmuconfigError(
      "ERR_UNSUPPORTED",
      `no program is made for ${host.platform} ${host.arch}`,
    );
  }
  return `${system}-${arch}${host.musl ? "-musl" : ""}`;
}
