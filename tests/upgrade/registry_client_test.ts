import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createServer, type RequestListener, type Server } from "node:http";
import type { Release } from "../../src/registry/packument.ts";
import { fetchAttestations, fetchPackument, registryClient } from "../../src/registry/client.ts";
import { failure } from "../support/failure.ts";

const release: Release = {
  name: "@acme/tool",
  version: "1.0.0",
  tarball: "",
  integrity: "",
  digest: "",
  signatures: [],
  publishedAt: undefined,
  attested: true,
};

let server: Server;
let paths: string[];
beforeEach(() => {
  server = createServer();
  paths = [];
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A client of a server that answers like that; waiting ends after `waitMs`. */
async function client(answer: RequestListener, waitMs?: number) {
  server.on("request", (request, response) => {
    paths.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return registryClient(`http://127.0.0.1:${address.port}`, undefined, waitMs);
}

describe("a registry", () => {
  test("that never answers is given up in time", async () => {
    const silent = await client(() => {}, 200);
    const error = await failure(fetchPackument(silent, "bun"));
    expect(error.code).toBe("ERR_NETWORK");
    expect(error.message).toMatch(/did not answer within 0\.2 s/);
  });

  test("that stops in the middle of an answer is given up in time", async () => {
    const stalled = await client((_, response) => response.write("{"), 200);
    const error = await failure(fetchPackument(stalled, "bun"));
    expect(error.message).toMatch(/did not answer within 0\.2 s/);
  });

  test("that answers without end is cut off", async () => {
    const endless = await client((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const more = (): void => {
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      more();
    });
    const error = await failure(fetchPackument(endless, "bun"));
    expect(error.code).toBe("ERR_REGISTRY");
    expect(error.message).toMatch(/with more than 33554432 bytes/);
  });

  const statuses: [number, string, string | RegExp][] = [
    [404, "ERR_NOT_FOUND", /status 404/],
    [401, "ERR_REGISTRY", /status 401/],
    [302, "ERR_REGISTRY", /status 302/],
    [503, "ERR_NETWORK", /status 503/],
  ];
  test.each(statuses)(
    "that answers with status %d is an error: %s",
    async (status, code, message) => {
      const refusing = await client((_, response) => {
        response.writeHead(status, { location: "https://elsewhere.example.test/" });
        response.end();
      });
      const error = await failure(fetchPackument(refusing, "bun"));
      expect(error.code).toBe(code as never);
      expect(error.message).toMatch(message);
    },
  );

  test("is asked under its own address, whatever it says about attestations", async () => {
    const attesting = await client((_, response) => response.end('{"attestations":[]}'));
    expect(await fetchAttestations(attesting, release)).toEqual({ attestations: [] });
    expect(paths).toEqual(["/-/npm/v1/attestations/@acme%2ftool@1.0.0"]);
  });

  test("whose attestations are no JSON object is refused", async () => {
    const lying = await client((_, response) => response.end("[]"));
    const error = await failure(fetchAttestations(lying, release));
    expect(error.message).toMatch(/attestations of @acme\/tool 1\.0\.0 are no JSON object/);
  });
});
