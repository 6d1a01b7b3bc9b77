/**
 * Generated programs with a string planted in every branch: what the proof says is left is what a
 * search of the output finds. More of them: `PROVE_RUNS=5000 bun test tests/bundle/prove_corpus_test.ts`.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { proveAbsent } from "../../src/bundle/analysis/proof/prove.ts";
import { bundle } from "../../src/bundle/build/bundle.ts";
import { writeBundle } from "../../src/bundle/build/write_bundle.ts";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import { Random } from "../support/random.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

setDefaultTimeout(600_000);

const RUNS = Number(process.env["PROVE_RUNS"] ?? 500);
const temporaryFolder = useTemporaryFolders();

/** Whether a place runs as built, and with the flag X turned round. */
interface Reach {
  readonly built: boolean;
  readonly turned: boolean;
}

interface Condition extends Reach {
  readonly text: string;
}

interface Program {
  readonly files: Readonly<Record<string, string>>;
  /** Planted where only the flag X leads. */
  readonly hidden: readonly string[];
  /** Planted where the program as built comes. */
  readonly live: readonly string[];
}

/** Of a statement: whether the next one can run. */
interface Written extends Reach {
  readonly code: string;
}

class Generator {
  readonly #pick: (count: number) => number;
  readonly #isOn: boolean;
  readonly files: Record<string, string> = {};
  readonly hidden: string[] = [];
  readonly live: string[] = [];
  /** By exit, whether something comes to it. */
  readonly #broken = new Map<string, Reach>();
  #count = 0;
  #imports: string[] = [];

  constructor(pick: (count: number) => number, isOn: boolean) {
    this.#pick = pick;
    this.#isOn = isOn;
  }

  program(): Program {
    const functions = Array.from({ length: 1 + this.#pick(3) }, (_, index) => {
      const body = this.#list({ built: true, turned: true }, 0, []);
      return `export function f${index}(k: number) {\n${body.code}\n}`;
    });
    const head =
      'import { feature } from "bun:bundle";\nconst isX = feature("X") ? true : false;\n';
    const use = "const use = (...x: unknown[]) => console.log(x);\n";
    const app = `${head}${this.#imports.join("")}${use}${functions.join("\n")}\n`;
    return { files: { "app.ts": app, ...this.files }, hidden: this.hidden, live: this.live };
  }

  /** @param exits statements that may leave, by what stands around */
  #list(reach: Reach, depth: number, exits: readonly string[]): Written {
    let { built, turned } = reach;
    const lines: string[] = [];
    for (let count = 1 + this.#pick(4); count > 0; count--) {
      const one = this.#statement({ built, turned }, depth, exits);
      lines.push(one.code);
      built &&= one.built;
      turned &&= one.turned;
    }
    return { code: lines.join("\n"), built, turned };
  }

  #statement(reach: Reach, depth: number, exits: readonly string[]): Written {
    const kind = depth > 3 ? this.#pick(4) : this.#pick(13);
    switch (kind) {
      case 0:
      case 1:
        return { ...reach, code: `use(${this.#plant(reach)});` };
      case 2:
        return this.#guard(reach, exits);
      case 3:
        return { ...reach, code: `use(${this.#module(reach)});` };
      case 4:
        return this.#branch(reach, depth, exits);
      case 5: {
        const condition = this.#condition();
        const yes = this.#plant(within(reach, condition, true));
        const no = this.#plant(within(reach, condition, false));
        return { ...reach, code: `use(${condition.text} ? ${yes} : ${no});` };
      }
      case 6: {
        // A `break` or `continue` of it ends no more than the loop.
        const body = this.#list(reach, depth + 1, ["return k;", "continue;", "break;"]);
        return { ...reach, code: `for (const i of [k]) {\nuse(i);\n${body.code}\n}` };
      }
      case 7: {
        const body = this.#list(reach, depth + 1, ["return k;", "break;"]);
        const rest = this.#list(reach, depth + 1, ["break;"]);
        return { ...reach, code: `switch (k) {\ncase 1:\n${body.code}\ncase 2:\n${rest.code}\n}` };
      }
      case 8: {
        const tried = this.#list(reach, depth + 1, ["return k;", 'throw new Error("e");']);
        const caught = this.#list(reach, depth + 1, []);
        return {
          built: tried.built || caught.built,
          turned: tried.turned || caught.turned,
          code: `try {\n${tried.code}\n} catch {\n${caught.code}\n}`,
        };
      }
      case 9: {
        const inner = this.#list(reach, depth + 1, ["return k;"]);
        return { ...reach, code: `use(() => {\n${inner.code}\n});` };
      }
      case 10: {
        const name = `label${this.#count++}`;
        const body = this.#list(reach, depth + 1, [`break ${name};`, "return k;"]);
        const broken = this.#broken.get(`break ${name};`);
        return {
          built: body.built || broken?.built === true,
          turned: body.turned || broken?.turned === true,
          code: `${name}: {\n${body.code}\n}`,
        };
      }
      case 11: {
        const decided = { text: "", built: this.#isOn, turned: !this.#isOn };
        const left = ["return k;", "break;"];
        const first = this.#list(within(reach, decided, true), depth + 1, left);
        const falls = this.#pick(2) === 0;
        const other = within(reach, decided, false);
        const either = {
          built: other.built || first.built,
          turned: other.turned || first.turned,
        };
        const second = this.#list(falls ? either : other, depth + 1, left);
        const end = falls ? "" : "break;\n";
        return {
          ...reach,
          code: `switch (feature("X") ? "on" : "off") {\ncase "on": {\n${first.code}\n${end}}\ncase "off": {\n${second.code}\n}\n}`,
        };
      }
      default: {
        const body = this.#list(reach, depth + 1, exits);
        return { ...body, code: `{\n${body.code}\n}` };
      }
    }
  }

  #guard(reach: Reach, exits: readonly string[]): Written {
    const exit = exits[this.#pick(Math.max(1, exits.length))] ?? "return k;";
    const condition = this.#condition();
    const left = within(reach, condition, true);
    const before = this.#broken.get(exit);
    this.#broken.set(exit, {
      built: left.built || before?.built === true,
      turned: left.turned || before?.turned === true,
    });
    return {
      built: reach.built && !condition.built,
      turned: reach.turned && !condition.turned,
      code: `if (${condition.text}) ${exit}`,
    };
  }

  #branch(reach: Reach, depth: number, exits: readonly string[]): Written {
    const condition = this.#condition();
    const yes = this.#list(within(reach, condition, true), depth + 1, exits);
    const no = this.#list(within(reach, condition, false), depth + 1, exits);
    return {
      built: reach.built && (yes.built || no.built),
      turned: reach.turned && (yes.turned || no.turned),
      code: `if (${condition.text}) {\n${yes.code}\n} else {\n${no.code}\n}`,
    };
  }

  #condition(): Condition {
    const isOn = this.#isOn;
    switch (this.#pick(6)) {
      case 4:
        return { text: "isX", built: isOn, turned: !isOn };
      case 5:
        return { text: "!isX", built: !isOn, turned: isOn };
      case 0:
        return { text: '!feature("X")', built: !isOn, turned: isOn };
      case 1:
        return { text: 'feature("X") && !feature("Y")', built: isOn, turned: !isOn };
      case 2:
        return { text: 'feature("Y")', built: false, turned: false };
      default:
        return { text: 'feature("X")', built: isOn, turned: !isOn };
    }
  }

  /** A string of its own, as source text. */
  #plant(reach: Reach): string {
    const text = `planted-${this.#count++}-text`;
    this.#note(reach, text);
    return JSON.stringify(text);
  }

  #note({ built, turned }: Reach, text: string): void {
    if (built) this.live.push(text);
    else if (turned) this.hidden.push(text);
  }

  /** A use of something that another module holds. */
  #module(reach: Reach): string {
    const id = this.#count++;
    const text = `planted-${id}-module-text`;
    this.#note(reach, text);
    const name = `name${id}`;
    switch (this.#pick(11)) {
      case 0: // with a side effect, so that it stays wherever it is imported
        this.files[`m${id}.ts`] = `console.log("${text}");\nexport const ${name} = 1;\n`;
        break;
      case 1: // handed on, beside what the program uses
        this.files[`inner${id}.ts`] = `export const ${name} = () => "${text}";\n`;
        this.files[`m${id}.ts`] =
          `export { ${name} } from "./inner${id}.ts";\nexport const other${id} = 1;\n`;
        this.#imports.push(`import { other${id} } from "./m${id}.ts";\nconsole.log(other${id});\n`);
        break;
      case 2: // the same by a star, with a side effect
        this.files[`inner${id}.ts`] = `console.log("${text}");\nexport const ${name} = 1;\n`;
        this.files[`m${id}.ts`] =
          `export * from "./inner${id}.ts";\nexport const other${id} = 1;\n`;
        this.#imports.push(`import { other${id} } from "./m${id}.ts";\nconsole.log(other${id});\n`);
        break;
      case 3: // a text
        this.files[`t${id}.txt`] = `${text}\n`;
        this.#imports.push(`import ${name} from "./t${id}.txt";\n`);
        return name;
      case 4: // a file of its own in the output
        this.files[`t${id}.wasm`] = `${text} as the bytes of a file\n`;
        this.#imports.push(`import ${name} from "./t${id}.wasm";\n`);
        return name;
      case 5: // beside an export that the program uses
        this.files[`m${id}.ts`] =
          `export function ${name}() { return "${text}" + inner(); }\n` +
          `function inner() { return "inner"; }\nexport const other${id} = () => 1;\n`;
        this.#imports.push(
          `import { other${id}, ${name} } from "./m${id}.ts";\nconsole.log(other${id}());\n`,
        );
        return `${name}()`;
      case 6: // in the same file
        this.#imports.push(`function ${name}() { return "${text}"; }\n`);
        return `${name}()`;
      case 7:
        this.#imports.push(`class ${name} { run() { return "${text}"; } }\n`);
        return `new ${name}().run()`;
      case 8:
        this.#imports.push(`enum ${name} { Only = "${text}" }\n`);
        return `${name}.Only`;
      case 9:
        this.files[`m${id}.ts`] = `export const late = "${text}";\n`;
        return `import("./m${id}.ts")`;
      default:
        this.files[`m${id}.ts`] = `export const ${name} = "${text}";\n`;
    }
    this.#imports.push(`import { ${name} } from "./m${id}.ts";\n`);
    return name;
  }
}

function within(reach: Reach, condition: Condition, value: boolean): Reach {
  return {
    built: reach.built && condition.built === value,
    turned: reach.turned && condition.turned === value,
  };
}

test(`${RUNS} programs`, async () => {
  const random = new Random(1);
  const pick = (end: number): number => random.below(end);
  let leaks = 0;
  let sound = 0;
  for (let index = 0; index < RUNS; index++) {
    const isOn = index % 3 === 0;
    const program = new Generator(pick, isOn).program();
    const folder = temporaryFolder();
    const entry = writeFiles(folder, program.files);
    const file = writeRecord(join(folder, "bunfig.lockb"), { X: { enabled: isOn }, Y: {} });
    const flags = openBuildFlags({ cwd: folder, env: {}, file });
    const now = new Date();
    const built = await bundle([entry], flags, { now, build: { target: "bun" } });
    const written = await writeBundle(built.files, join(folder, "out"));
    const files = written.map(({ path }) => path);
    const output = (await Promise.all(files.map((path) => Bun.file(path).text()))).join("\n");
    const proof = await proveAbsent("X", [entry], flags, {
      build: { target: "bun" },
      scrubMaps: true,
      files,
      now,
    });
    const found = proof.survivors.map(({ text }) => text).join("\n");
    const isFound = (text: string): boolean =>
      found.includes(text) || found.split("\n").some((path) => holds(program.files, path, text));
    const left = program.hidden.filter((text) => output.includes(text));
    const show = { index, files: program.files, found };
    expect({ ...show, missed: left.filter((text) => !isFound(text)) }).toEqual({
      ...show,
      missed: [],
    });
    expect({ ...show, blamed: program.live.filter((text) => found.includes(text)) }).toEqual({
      ...show,
      blamed: [],
    });
    expect(proof.unseen).toEqual([]);
    const words = proof.survivors.filter(({ kind }) => kind !== "module");
    const invented = words.filter(({ text }) => !output.includes(text));
    expect({ ...show, invented }).toEqual({ ...show, invented: [] });
    if (left.length > 0) leaks++;
    else if (proof.survivors.length === 0) sound++;
  }
  // Both kinds were seen.
  expect(Math.min(leaks, sound)).toBeGreaterThan(RUNS / 20);
});

/** Whether a survivor is the module in which a text is planted. */
function holds(files: Readonly<Record<string, string>>, path: string, text: string): boolean {
  const name = Object.keys(files).find((one) => path.endsWith(`/${one}`));
  return name !== undefined && (files[name] ?? "").includes(text);
}
