// Prints an upgrade of a real Bun and its way back, as they appear on a terminal: the exchange in
// docs/upgrade.md. `bun scripts/upgrade_exchange.ts` shows a fresh one; with --write it goes there.
// Everything happens in a temporary folder, which is printed as /home/ada, and against a registry on
// this machine that repacks the Bun of node_modules.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunProduct, currentHost } from "../src/upgrade/product.ts";
import { olderBun, placeProgram, realBun } from "../tests/support/real_bun.ts";
import { packRelease } from "../tests/support/tarball.ts";
import { TestRegistry } from "../tests/support/test_registry.ts";

const CLI = join(import.meta.dir, "..", "src", "cli", "config.ts");
const DOCUMENT = join(import.meta.dir, "..", "docs", "upgrade.md");
const HOME = "/home/ada";
const COMMAND_MS_MAX = 60_000;
const BLOCK = /(<!-- exchange -->\n\n```console\n)([\s\S]*?)(```\n\n<!-- end of exchange -->)/;

const EXCHANGE = [
  "bun --version",
  "bun-config upgrade bun --check --registry-keys acme-keys.json",
  "bun-config upgrade bun --registry-keys acme-keys.json",
  "bun --version",
  "bun-config rollback",
  "bun --version",
  "bun-config upgrade bun 1.3.0 --registry-keys acme-keys.json",
];

if (import.meta.main) {
  const text = await captureExchange();
  if (process.argv.includes("--write")) writeInto(DOCUMENT, text);
  else process.stdout.write(text);
}

/** The exchange as the document shows it. */
export function documentedExchange(): string {
  return BLOCK.exec(readFileSync(DOCUMENT, "utf8"))?.[2] ?? "";
}

function writeInto(path: string, text: string): void {
  const document = readFileSync(path, "utf8");
  writeFileSync(
    path,
    document.replace(BLOCK, (_, head: string, _old, tail: string) => `${head}${text}${tail}`),
  );
}

/** Runs the commands on a pseudo-terminal and returns what a person sees. */
export async function captureExchange(): Promise<string> {
  if (olderBun === undefined) throw new Error("there is no older Bun for this platform");
  await using registry = await TestRegistry.start();
  const { member, platformPackage } = bunProduct(currentHost());
  const tarball = packRelease(member, readFileSync(realBun));
  registry.publish(platformPackage, { version: Bun.version, tarball });
  const home = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-exchange-")));
  try {
    const bin = join(home, ".bun", "bin");
    const project = join(home, "shop");
    for (const folder of [bin, project]) mkdirSync(folder, { recursive: true });
    placeProgram(olderBun, join(bin, "bun"));
    writeFileSync(join(project, "acme-keys.json"), readFileSync(registry.writeKeys(home)));
    const run = async (line: string): Promise<string> => {
      const words = line.split(" ");
      const program = words[0] === "bun" ? [join(bin, "bun")] : [realBun, CLI];
      return onTerminal([...program, ...words.slice(1)], project, home);
    };
    await run("bun-config bootstrap");
    await run(`bun-config set registry ${registry.url} --bunfig`);
    let text = "";
    for (const line of EXCHANGE) text += `$ ${line}\n${await run(line)}`;
    return text.replaceAll(home, HOME);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function onTerminal(command: string[], cwd: string, home: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  const child = Bun.spawn(command, {
    cwd,
    env: { HOME: home, PATH: join(home, ".bun", "bin"), NO_COLOR: "1", TERM: "xterm" },
    timeout: COMMAND_MS_MAX,
    terminal: {
      cols: 200,
      rows: 50,
      data: (_terminal, chunk) => {
        chunks.push(chunk.slice());
      },
    },
  });
  await child.exited;
  child.terminal?.close();
  return visible(Buffer.concat(chunks).toString("utf8"));
}

/** What is left to see after progress lines were written over. */
function visible(output: string): string {
  return output
    .split("\r\n")
    .map((line) => line.split("\r\u001b[K").at(-1) ?? "")
    .join("\n");
}
