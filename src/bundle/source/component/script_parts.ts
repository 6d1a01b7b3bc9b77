/**
 * Where the scripts stand in a file of another kind: a component of Vue or Svelte, a page of Astro, a
 * text of MDX. Only that: what stands around them is read by its own compiler. Pure; the cost is
 * linear, and for MDX a few parses more.
 */

import type { Language } from "../language.ts";
import type { Span } from "../position.ts";
import { esmBlocks } from "./esm_blocks.ts";
import { frontmatter } from "./frontmatter.ts";
import { attributesOf, findElement, type Element } from "./markup.ts";

export type ComponentKind = "vue" | "svelte" | "astro" | "mdx";

/** Scripts that are one module: all of them see the names of all. */
interface ScriptModule {
  /** Of the text between the tags, ascending. */
  readonly parts: readonly Span[];
  readonly language: Language;
  /** Whether the markup sees its names. */
  readonly isSeen: boolean;
}

export interface ScriptParts {
  readonly modules: readonly ScriptModule[];
  /** What is no markup: scripts with their tags, styles, comments. Ascending. */
  readonly apart: readonly Span[];
}

const SVELTE_APART = /<!--|<(?:script|style|svelte:head)(?=[\s/>])/gi;
const ASTRO_APART = /<!--|<(?:script|style)(?=[\s/>])/gi;
/** The blocks at the root: what they hold is text, but for a template, which holds others. */
const VUE_BLOCK = /<!--|<[a-z][^\s/>]*/gi;

const COMPONENT = /\.(vue|svelte|astro|mdx)$/;

/** @param path without a query */
export function componentKind(path: string): ComponentKind | undefined {
  return COMPONENT.exec(path)?.[1] as ComponentKind | undefined;
}

/**
 * Finds the scripts of a component. A script in a language that is not JavaScript is none.
 *
 * @example
 * findScripts("<script>\nf();\n</script>", "svelte").modules[0]?.parts // [{ start: 8, end: 14 }]
 */
export function findScripts(code: string, kind: ComponentKind): ScriptParts {
  return READERS[kind](code);
}

const READERS: Readonly<Record<ComponentKind, (code: string) => ScriptParts>> = {
  vue: (code) => fromBlocks("vue", elementsOf(code, 0, VUE_BLOCK)),
  svelte: (code) => fromBlocks("svelte", elementsOf(code, 0, SVELTE_APART)),
  astro: astroScripts,
  mdx: mdxScripts,
};

function mdxScripts(code: string): ScriptParts {
  const parts = esmBlocks(code);
  return { modules: oneModule(parts, "jsx"), apart: parts };
}

/** @param pattern of where an element or a comment begins, with the flag `g` */
function elementsOf(code: string, from: number, pattern: RegExp): Element[] {
  const found: Element[] = [];
  pattern.lastIndex = from;
  for (let match = pattern.exec(code); match !== null; match = pattern.exec(code)) {
    const element = findElement(code, match.index);
    // What has no end is left to the compiler, which says so.
    if (element === undefined) break;
    found.push(element);
    pattern.lastIndex = element.whole.end;
  }
  return found;
}

function fromBlocks(kind: "vue" | "svelte", elements: readonly Element[]): ScriptParts {
  const scripts = elements.flatMap((element) => {
    const language = scriptLanguage(element);
    const { content } = element;
    return language === undefined || content === undefined ? [] : [{ language, content }];
  });
  // One compiler reads them all, in the language of the first.
  const language = scripts.find((one) => one.language !== "jsx")?.language ?? "jsx";
  const isSeen =
    kind === "svelte" ||
    elements.some((one) => one.name === "script" && attributesOf(one.tag).has("setup"));
  const parts = scripts.map(({ content }) => content);
  return {
    modules: parts.length === 0 ? [] : [{ parts, language, isSeen }],
    apart: apartOf(elements),
  };
}

function astroScripts(code: string): ScriptParts {
  const head = frontmatter(code);
  const elements = elementsOf(code, head?.whole.end ?? 0, ASTRO_APART);
  const modules: ScriptModule[] =
    head === undefined ? [] : oneModule([head.content], "frontmatter");
  for (const element of elements) {
    const { content, tag, name } = element;
    if (name !== "script" || content === undefined) continue;
    // Astro bundles a script without a word, and leaves every other as it is.
    if (attributesOf(tag).size > 0) continue;
    modules.push({ parts: [content], language: "ts", isSeen: false });
  }
  const apart = apartOf(elements);
  return { modules, apart: head === undefined ? apart : [head.whole, ...apart] };
}

function oneModule(parts: readonly Span[], language: Language): ScriptModule[] {
  return parts.length === 0 ? [] : [{ parts, language, isSeen: true }];
}

const APART = new Set(["script", "style", "!--"]);

function apartOf(elements: readonly Element[]): Span[] {
  return elements.filter(({ name }) => APART.has(name)).map(({ whole }) => whole);
}

const SCRIPT_TYPE =
  /^(?:module|(?:text|application)\/(?:javascript|ecmascript|babel|typescript)|ts|)$/;

/** @returns nothing for what is no script, or one that another file or another compiler has */
function scriptLanguage({ name, tag }: Element): Language | undefined {
  if (name !== "script") return undefined;
  const attributes = attributesOf(tag);
  if (attributes.has("src")) return undefined;
  const type = attributes.get("type") ?? "";
  const word = attributes.get("lang") ?? (/typescript|^ts$/.test(type) ? "ts" : "");
  if (!SCRIPT_TYPE.test(type)) return undefined;
  switch (word) {
    case "":
    case "js":
    case "jsx":
    case "javascript":
      return "jsx";
    case "ts":
    case "typescript":
      return "ts";
    case "tsx":
      return "tsx";
    default:
      return undefined;
  }
}
