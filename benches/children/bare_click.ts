// The floor of benches/plane/click.ts: bare_click.ts server FOLDER, or host FOLDER URL. The server writes what it is sent to
// the disk, sends it on to who listens, and answers; a host writes it to the disk and turns a word of shared memory.
// Each writes in place in a file of its own, of which nothing but the bytes is to be synced.
import { fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SeenFile } from "../support/seen_file.ts";

const SIZE = 8192;
const [role = "", folder = "", url = ""] = process.argv.slice(2);
const descriptor = openSync(join(folder, `bare-${role}`), "w+");
keep();
if (role === "server") serve();
else await listen();

function keep(): void {
  writeSync(descriptor, new Uint8Array(SIZE), 0, SIZE, 0);
  fdatasyncSync(descriptor);
}

function serve(): void {
  let host: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      host = controller;
      // So that the answer's head goes out.
      controller.enqueue(new TextEncoder().encode("\n"));
    },
  });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    routes: {
      "/": {
        GET: () => new Response(stream),
        PUT: async (request) => {
          const bytes = await request.bytes();
          keep();
          host?.enqueue(bytes);
          return new Response();
        },
      },
    },
  });
  console.error(`at ${server.url.href}`);
}

async function listen(): Promise<void> {
  const seen = new SeenFile(folder, "bare");
  const { body } = await fetch(url);
  if (body === null) throw new Error("the bare server sends nothing");
  for await (const _ of body) {
    keep();
    seen.bare++;
  }
}
