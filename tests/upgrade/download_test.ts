import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, type DownloadJob } from "../../src/upgrade/download.ts";
import { registryClient } from "../../src/registry/client.ts";
import { failure } from "../support/failure.ts";
import { sendTarball, TestRegistry } from "../support/test_registry.ts";

const whole = new Uint8Array(300_000).map((_, index) => (index * 31 + (index >> 8)) & 255);
const digest = createHash("sha512").update(whole).digest("base64");
const half = whole.subarray(0, 150_000);

let registry: TestRegistry;
let folder: string;

beforeEach(async () => {
  registry = await TestRegistry.start();
  folder = mkdtempSync(join(tmpdir(), "immuconfig-download-"));
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function plantOfNobody(path: string): void {
  writeFileSync(path, whole, { mode: 0o666 });
  chownSync(path, 65534, 65534);
}

/** A download of `whole`; `serve` answers the requests in turn, the last one for ever. */
function job(
  serve: readonly ((request: IncomingMessage, response: ServerResponse) => void)[],
): DownloadJob {
  let turn = 0;
  registry.publish("p", {
    version: "1.0.0",
    tarball: whole,
    serve: (request, response) => {
      const answer = serve[Math.min(turn++, serve.length - 1)] ?? good;
      answer(request, response);
    },
  });
  return {
    client: registryClient(registry.url, undefined),
    url: `${registry.url}/p/-/1.0.0.tgz`,
    digest,
    partPath: join(folder, "part"),
    sizeMax: 1_000_000,
    stallMs: 5000,
    onProgress: () => {},
  };
}

function good(request: IncomingMessage, response: ServerResponse): void {
  sendTarball(request, response, whole);
}

/** Sends half of what is asked for, then breaks the connection. */
function cut(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const left = whole.subarray(from);
  response.writeHead(from === 0 ? 200 : 206, {
    "content-length": left.length,
    ...(from === 0 ? {} : { "content-range": `bytes ${from}-${whole.length - 1}/${whole.length}` }),
  });
  response.write(left.subarray(0, left.length / 2));
  setTimeout(() => response.destroy(), 50);
}

/** Sends the first ten bytes, whatever was asked for. */
function lie(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(206, { "content-range": `bytes 0-9/${whole.length}` });
  response.end(whole.subarray(0, 10));
}

/** Sends half and then nothing more. */
function silent(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-length": whole.length });
  response.write(half);
}

function ranges(): (string | undefined)[] {
  return registry.requests.map(({ range }) => range);
}

describe("a download", () => {
  test("arrives whole, and says how far it is", async () => {
    const seen: [number, number | undefined][] = [];
    const task = job([good]);
    const result = await download({ ...task, onProgress: (...step) => seen.push(step) });
    expect(result).toEqual({ size: whole.length, resumedFrom: 0 });
    expect(readFileSync(task.partPath).equals(whole)).toBe(true);
    expect(seen.at(0)).toEqual([0, whole.length]);
    expect(seen.at(-1)).toEqual([whole.length, whole.length]);
  });

  test("goes on by itself when the connection breaks", async () => {
    expect(await download(job([cut, cut, good]))).toEqual({ size: whole.length, resumedFrom: 0 });
    expect(ranges()).toEqual([undefined, "bytes=150000-", "bytes=225000-"]);
  });

  test("gives up when it breaks too often, and goes on in the next run", async () => {
    expect((await failure(download(job([cut])))).message).toMatch(/stopped after 262500/);
    expect(await download(job([good]))).toEqual({ size: whole.length, resumedFrom: 262_500 });
  });

  test("costs no request when all of it is there", async () => {
    const task = job([good]);
    writeFileSync(task.partPath, whole);
    expect(await download(task)).toEqual({ size: whole.length, resumedFrom: whole.length });
    expect(ranges()).toEqual([]);
  });

  test("starts anew when the server cannot go on, or has other bytes now", async () => {
    const always200 = (request: IncomingMessage, response: ServerResponse): void => {
      delete request.headers.range;
      good(request, response);
    };
    const task = job([always200]);
    writeFileSync(task.partPath, half);
    expect(await download(task)).toEqual({ size: whole.length, resumedFrom: 0 });

    writeFileSync(task.partPath, half);
    writeFileSync(`${task.partPath}.etag`, '"of-other-bytes"');
    expect(await download(job([good]))).toEqual({ size: whole.length, resumedFrom: 0 });
  });

  test("starts anew once when the part turns out to be of something else", async () => {
    const task = job([good]);
    writeFileSync(task.partPath, new Uint8Array(1000).fill(7));
    expect(await download(task)).toEqual({ size: whole.length, resumedFrom: 0 });
    expect(ranges()).toEqual(["bytes=1000-", undefined]);
  });

  test("starts anew when the part is longer than the file", async () => {
    const task = job([good]);
    writeFileSync(task.partPath, new Uint8Array(whole.length + 1));
    expect(await download(task)).toEqual({ size: whole.length, resumedFrom: 0 });
  });

  test("refuses a range that was not asked for", async () => {
    const task = job([lie]);
    writeFileSync(task.partPath, half);
    expect((await failure(download(task))).message).toMatch(/status 206/);
    expect(existsSync(task.partPath)).toBe(false);
  });

  test("is given up when the server goes silent", async () => {
    const task = { ...job([silent, silent]), stallMs: 200 };
    expect((await failure(download(task))).message).toMatch(/stopped after \d+/);
  });

  test.skipIf(process.platform === "win32")(
    "takes up no part that somebody else could change after it was checked",
    async () => {
      const own = join(folder, "own");
      const { partPath } = job([good]);
      for (const plant of [
        () => linkSync(own, partPath),
        () => expect(Bun.spawnSync(["mkfifo", partPath]).exitCode).toBe(0),
        ...(process.getuid?.() === 0 ? [() => plantOfNobody(partPath)] : []),
      ]) {
        writeFileSync(own, "mine");
        plant();
        expect(await failure(download(job([good])))).toMatchObject({ code: "ERR_WRITE" });
        expect(readFileSync(own, "utf8")).toBe("mine");
        rmSync(partPath);
      }
      // Nor is the server's name for the bytes written through a link.
      symlinkSync(own, `${partPath}.etag`);
      await download(job([good]));
      expect(readFileSync(own, "utf8")).toBe("mine");
    },
  );

  test("does not follow a symbolic link", async () => {
    const task = job([good]);
    symlinkSync(join(folder, "elsewhere"), task.partPath);
    expect((await failure(download(task))).message).toMatch(
      /cannot write .*: it is a symbolic link/,
    );
    expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  });
});

test("a registry's token goes with every request, and plain http only to this machine", async () => {
  const task = job([good]);
  await download({ ...task, client: registryClient(registry.url, "secret") });
  expect(registry.requests.map(({ authorization }) => authorization)).toEqual(["Bearer secret"]);
  expect(() => registryClient("http://registry.example.test", undefined)).toThrow(
    /not reached over/,
  );
});
