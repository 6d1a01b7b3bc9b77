import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHILD = join(import.meta.dir, "children", "run_in_pty.ts");
const TIMEOUT_MS = 20_000;

/** A folder, and a real terminal in it that runs one command. */
class RealTerminal {
  readonly folder = mkdtempSync(join(tmpdir(), "immuconfig-pty-"));
  text = "";
  readonly #child: Bun.Subprocess;
  readonly #ended = Promise.withResolvers<void>();

  constructor(size: { rows: number; cols: number }, command: (folder: string) => string[]) {
    this.#child = Bun.spawn(command(this.folder), {
      cwd: this.folder,
      env: { ...process.env, LINES: "7", COLUMNS: "9" },
      timeout: TIMEOUT_MS,
      terminal: {
        ...size,
        data: (_, bytes) => {
          this.text += new TextDecoder().decode(bytes);
        },
        exit: () => this.#ended.resolve(),
      },
    });
  }

  type(keys: string): void {
    this.#child.terminal?.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.#child.terminal?.resize(cols, rows);
  }

  async until(text: string): Promise<void> {
    for (let ms = 0; ms < TIMEOUT_MS && !this.text.includes(text); ms += 5) await Bun.sleep(5);
    expect(this.text).toContain(text);
  }

  async ended(): Promise<number> {
    const code = await this.#child.exited;
    await this.#ended.promise;
    return code;
  }

  file(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function inPty(mode: string, rows: number, cols: number, ...command: string[]): string[] {
  return [process.execPath, CHILD, mode, String(rows), String(cols), ...command];
}

/** Notes the terminal's settings before and after. */
function withSettings(command: string[]): string[] {
  return ["sh", "-c", 'stty -a >before; "$@"; echo "code $?"; stty -a >after', "sh", ...command];
}

/** In a pipe, without a real terminal. */
async function piped(command: string[], input = "") {
  const folder = mkdtempSync(join(tmpdir(), "immuconfig-pty-"));
  const child = Bun.spawn(command, {
    cwd: folder,
    stdio: [new Blob([input]), "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  rmSync(folder, { recursive: true });
  return { code: await child.exited, stdout, stderr };
}

describe("the size", () => {
  for (const size of [
    { rows: 24, cols: 80 },
    { rows: 50, cols: 132 },
    { rows: 5, cols: 20 },
    { rows: 0, cols: 0 },
  ]) {
    test(`is the record's in a real terminal of ${size.rows} by ${size.cols}`, async () => {
      using terminal = new RealTerminal(size, () => inPty("cooked", 24, 80, "stty", "size"));
      expect(await terminal.ended()).toBe(0);
      expect(terminal.text).toBe("24 80\r\n");
    });
  }

  test("is the real terminal's where the record has 0", async () => {
    const size = { rows: 33, cols: 111 };
    using rows = new RealTerminal(size, () => inPty("cooked", 0, 80, "stty", "size"));
    using cols = new RealTerminal(size, () => inPty("cooked", 24, 0, "stty", "size"));
    await Promise.all([rows.ended(), cols.ended()]);
    expect(rows.text).toBe("33 80\r\n");
    expect(cols.text).toBe("24 111\r\n");
  });

  test("is the record's without a real terminal, and hidden from no program", async () => {
    expect(await piped(inPty("cooked", 24, 80, "stty", "size"))).toEqual({
      code: 0,
      stdout: "24 80\r\n",
      stderr: "",
    });
    const { stdout } = await piped(inPty("cooked", 0, 0, "sh", "-c", "stty size; echo [$COLUMNS]"));
    expect(stdout).toBe("24 80\r\n[]\r\n");
  });

  test("stays when the real terminal's changes", async () => {
    const script = "echo up; read line; stty size";
    using terminal = new RealTerminal({ rows: 30, cols: 100 }, () =>
      inPty("cooked", 24, 80, "sh", "-c", script),
    );
    await terminal.until("up");
    terminal.resize(40, 10);
    terminal.type("go on\r");
    await terminal.ended();
    expect(terminal.text).toEndWith("\r\n24 80\r\n");
  });
});

describe("the mode", () => {
  test("is the record's", async () => {
    const cooked = await piped(inPty("cooked", 24, 80, "stty", "-a"));
    expect(cooked.stdout).toMatch(/ icanon .* echo /s);
    expect(cooked.stdout).toMatch(/[^-]opost/);
    const raw = await piped(inPty("raw", 24, 80, "sh", "-c", "sleep 0.1; stty -a"));
    expect(raw.stdout).toMatch(/ -icanon .* -echo /s);
    expect(raw.stdout).toContain("-opost");
  });
});

describe("a program", () => {
  test("gets what is typed, once, and gives its exit code", async () => {
    const script = 'read line; echo "got $line"; exit 7';
    using terminal = new RealTerminal({ rows: 30, cols: 100 }, () =>
      inPty("cooked", 24, 80, "sh", "-c", script),
    );
    terminal.type("hello\r");
    expect(await terminal.ended()).toBe(7);
    expect(terminal.text.match(/got hello/g)).toHaveLength(1);
  });

  test("reads a pipe to its end, and loses no output", async () => {
    const sum = await piped(inPty("cooked", 24, 80, "wc", "-c"), "1234\nno end");
    expect(sum.stdout).toEndWith("11\r\n");
    const many = await piped(inPty("cooked", 24, 80, "seq", "1", "50000"));
    expect(many.stdout.trimEnd().split("\r\n")).toHaveLength(50_000);
  });

  test("is interrupted by Ctrl-C alone, and the terminal is as it was", async () => {
    using terminal = new RealTerminal({ rows: 30, cols: 100 }, () =>
      withSettings(inPty("cooked", 24, 80, "sh", "-c", "echo up; sleep 15")),
    );
    await terminal.until("up");
    terminal.type("\u0003");
    await terminal.until("code 130");
    await terminal.ended();
    expect(terminal.file("after")).toBe(terminal.file("before"));
  });
});

describe("the real terminal is as it was", () => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const) {
    test(`after ${signal}`, async () => {
      using terminal = new RealTerminal({ rows: 30, cols: 100 }, () =>
        withSettings(inPty("raw", 24, 80, "sh", "-c", "stty -a; echo up; exec sleep 15")),
      );
      await terminal.until("up");
      process.kill(Number(terminal.file("pid")), signal);
      await terminal.until(`code ${code}`);
      await terminal.ended();
      expect(terminal.file("before")).toContain("icanon");
      expect(terminal.file("after")).toBe(terminal.file("before"));
    });
  }

  test("after the program crashed, and when it cannot be started", async () => {
    using crash = new RealTerminal({ rows: 30, cols: 100 }, () =>
      withSettings(inPty("raw", 24, 80, "sh", "-c", "kill -SEGV $$")),
    );
    using missing = new RealTerminal({ rows: 30, cols: 100 }, () =>
      withSettings(inPty("raw", 24, 80, "./no-such-program")),
    );
    await Promise.all([crash.ended(), missing.ended()]);
    expect(crash.text).toContain("code 139");
    expect(existsSync(join(missing.folder, "after"))).toBeTrue();
    for (const terminal of [crash, missing]) {
      expect(terminal.file("after")).toBe(terminal.file("before"));
    }
  });
});
