/** Downloads a packed release: hashed on the way, bounded, and taken up again where it broke off. */

import { ImmuconfigError } from "../base/errors.ts";
import { DOWNLOAD_ATTEMPTS_MAX, DOWNLOAD_STALL_MS, DOWNLOAD_WAIT_MS } from "../base/limits.ts";
import { PartFile } from "./part_file.ts";
import { networkError, type RegistryClient, request, statusError } from "../registry/client.ts";

/** What to fetch, and what it must turn out to be. */
export interface DownloadJob {
  client: RegistryClient;
  url: string;
  /** The SHA-512 digest of the whole, in base64. */
  digest: string;
  /** Where the bytes go; a part that is there already is continued. */
  partPath: string;
  /** Bytes of the whole. */
  sizeMax: number;
  /** How long the download may stand still, in milliseconds. */
  stallMs?: number;
  onProgress: (received: number, total: number | undefined) => void;
}

export interface Downloaded {
  /** Bytes of the whole. */
  size: number;
  /** Bytes that an earlier download had left. */
  resumedFrom: number;
}

/**
 * Downloads a file and hashes it on the way. A download that breaks off is taken up again where it
 * stopped, in this run and in the next.
 *
 * @throws ImmuconfigError `ERR_DIGEST` when the bytes are not the promised ones (they are removed);
 * `ERR_NETWORK` when the server is away or stops in the middle (what came is kept);
 *   `ERR_REGISTRY` when it sends too much; `ERR_WRITE` when the disk refuses (nothing is kept).
 */
export async function download(job: DownloadJob): Promise<Downloaded> {
  const part = new PartFile(job.partPath, job.sizeMax);
  try {
    return await downloadInto(job, part);
  } finally {
    part.close();
  }
}

async function downloadInto(job: DownloadJob, part: PartFile): Promise<Downloaded> {
  if (part.size === 0 || part.digest !== job.digest) await fetchRest(job, part);
  if (part.inherited > 0 && part.digest !== job.digest) {
    // What an earlier download had left was of something else.
    part.reset();
    await fetchRest(job, part);
  }
  const found = part.digest;
  if (found === job.digest) return { size: part.size, resumedFrom: part.inherited };
  part.discard();
  throw new ImmuconfigError(
    "ERR_DIGEST",
    `the download has another sha512 digest: expected ${job.digest}, found ${found}`,
    { hint: "It was removed. Try again; if that fails too, do not trust this registry." },
  );
}

/** Fetches what is missing, and goes on when the connection breaks and something had come. */
async function fetchRest(job: DownloadJob, part: PartFile): Promise<void> {
  const deadline = AbortSignal.timeout(DOWNLOAD_WAIT_MS);
  for (let attempt = 1; ; attempt++) {
    const before = part.size;
    try {
      await fetchOnce(job, part, deadline);
      return;
    } catch (error) {
      const broken = error instanceof ImmuconfigError && error.code === "ERR_NETWORK";
      if (!broken || attempt === DOWNLOAD_ATTEMPTS_MAX || deadline.aborted) throw error;
      if (part.size <= before) throw error;
    }
  }
}

/** Sends one request and takes its answer. */
async function fetchOnce(job: DownloadJob, part: PartFile, deadline: AbortSignal): Promise<void> {
  const stall = new AbortController();
  const wait = job.stallMs ?? DOWNLOAD_STALL_MS;
  let timer = setTimeout(() => stall.abort(), wait);
  try {
    const signal = AbortSignal.any([stall.signal, deadline]);
    let response = await request(job.client, job.url, headersFor(part), signal);
    if (response.status === 416) {
      part.reset();
      response = await request(job.client, job.url, headersFor(part), signal);
    }
    const total = startOf(job, part, response);
    job.onProgress(part.size, total);
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      if (part.size + chunk.length > job.sizeMax) throw tooLarge(job, part);
      part.append(chunk);
      job.onProgress(part.size, total);
      timer = setTimeout(() => stall.abort(), wait);
    }
    if (total !== undefined && part.size !== total) throw brokenOff(job, part, total);
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw cause;
    throw part.size > 0 ? brokenOff(job, part, undefined, cause) : networkError(job.client, cause);
  } finally {
    clearTimeout(timer);
  }
}

function headersFor(part: PartFile): Record<string, string> {
  const { size, etag } = part;
  return {
    accept: "application/octet-stream",
    "accept-encoding": "identity",
    ...(size === 0 ? {} : { range: `bytes=${size}-` }),
    ...(size === 0 || etag === undefined ? {} : { "if-range": etag }),
  };
}

/**
 * Reads the head of an answer, and throws the part away when the answer starts from nothing.
 *
 * @returns bytes of the whole, where the server says so
 */
function startOf(job: DownloadJob, part: PartFile, response: Response): number | undefined {
  const path = new URL(job.url).pathname;
  if (response.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
    const total = Number(range?.[3]);
    if (Number(range?.[1]) !== part.size || Number(range?.[2]) !== total - 1) {
      part.discard();
      throw statusError(job.client, response.status, path);
    }
    if (total > job.sizeMax) throw tooLarge(job, part);
    return total;
  }
  if (response.status !== 200) throw statusError(job.client, response.status, path);
  part.reset();
  part.etag = response.headers.get("etag");
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : Number(length);
  if (total !== undefined && total > job.sizeMax) throw tooLarge(job, part);
  return total;
}

function tooLarge(job: DownloadJob, part: PartFile): ImmuconfigError {
  part.discard();
  return new ImmuconfigError(
    "ERR_REGISTRY",
    `the download has more than the ${job.sizeMax} bytes that a release may have`,
    { hint: "It was removed. Do not trust this registry." },
  );
}

function brokenOff(
  job: DownloadJob,
  part: PartFile,
  total: number | undefined,
  cause?: unknown,
): ImmuconfigError {
  const whole = total === undefined ? "" : ` of ${total}`;
  return new ImmuconfigError(
    "ERR_NETWORK",
    `the download from ${job.client.url} stopped after ${part.size}${whole} bytes`,
    { hint: "What came is kept: run the command again to go on from there.", cause },
  );
}
