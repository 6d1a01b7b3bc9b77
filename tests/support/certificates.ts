/** A certificate authority of a test, and what it signs. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

/** Paths of PEM files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** @param folder is made */
export async function makeAuthority(folder: string): Promise<Certificate> {
  mkdirSync(folder, { recursive: true });
  const made = { certificate: join(folder, "ca.pem"), key: join(folder, "ca.key") };
  const files = ["-keyout", made.key, "-out", made.certificate];
  await openssl("req", "-x509", ...CURVE, "-days", "2", "-subj", "/CN=test authority", ...files);
  return made;
}

/** @param names that it is for: `DNS:localhost`, `IP:127.0.0.1` */
export async function signCertificate(
  authority: Certificate,
  folder: string,
  names: readonly string[],
): Promise<Certificate> {
  mkdirSync(folder, { recursive: true });
  const made = { certificate: join(folder, "server.pem"), key: join(folder, "server.key") };
  const request = join(folder, "server.csr");
  const extensions = join(folder, "extensions");
  writeFileSync(
    extensions,
    `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`,
  );
  await openssl("req", ...CURVE, "-subj", "/CN=server", "-keyout", made.key, "-out", request);
  const by = ["-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial"];
  const files = ["-in", request, "-out", made.certificate, "-extfile", extensions];
  await openssl("x509", "-req", "-days", "2", ...by, ...files);
  return made;
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await run(["openssl", ...args]);
  if (exitCode !== 0) throw new Error(`openssl: ${stderr}`);
}
