/**
 * What a source may ask of the parser, found before it is parsed: the parser and every walk of its
 * tree call themselves once a level, and a stack that runs over ends the process. Pure and linear.
 *
 * It counts too much rather than too little, and far more than people write: what it refuses would
 * have to be taken apart by hand to be read.
 */

/** UTF-16 code units. */
const SIZE_MAX = 32 * 1024 * 1024;
const TOKEN_COUNT_MAX = 8_000_000;
/** Brackets that are open at once. */
const BRACKET_DEPTH_MAX = 500;
/** Operators and words, in all that is open, of which each holds all that follows: `a ? b : c ? …`. */
const CHAIN_MAX = 1_500;
/** Elements of JSX, and `<` that only look like it. */
const ELEMENT_DEPTH_MAX = 4_000;

export interface Excess {
  /** UTF-16 code units from the start of the text. */
  readonly start: number;
  readonly message: string;
}

const TOKEN =
  /\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n\r]|\\[^])*"?|'(?:[^'\\\n\r]|\\[^])*'?|[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*|\d[\w.]*|<\/|\/>|=>|[=!]==?|[<>]=|>>>?=?|<<=?|&&=?|\|\|=?|\?\?=?|\?\.|\*\*=?|[^\s]/gu;
const BEFORE_REGEX =
  /^(?:[([{,;:=!&|?+\-*%^~<>/]|=>|[=!]==?|&&|\|\||\?\?|return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|yield|await)$/;
const REGEX = /\/(?:[^/\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+\//y;
/** What holds all that follows; of `@`, one that waits for its expression: a decorator's name is part of its token. */
const SIGNS = "! @ ~ ? = + - * / % ^ & | < > => ** && || ?? ==".split(" ");
const WORDS =
  "new typeof in instanceof void delete await yield else keyof readonly infer extends if while for with do".split(
    " ",
  );
const HEAVY = new Set([...SIGNS, ...WORDS]);
const HEAVY_WORD = new RegExp(String.raw`\b(?:${WORDS.join("|")})\b`, "g");

/** @returns the first place where a source asks for too much; nothing when it is within bounds */
export function findExcess(code: string): Excess | undefined {
  if (code.length > SIZE_MAX)
    return { start: SIZE_MAX, message: `it is larger than ${SIZE_MAX} characters` };
  return isPlainlyWithin(code) ? undefined : new Budget(code).find();
}

/** Most sources do not even hold as many brackets and operators: a look at each character tells. */
function isPlainlyWithin(code: string): boolean {
  if (code.length < BRACKET_DEPTH_MAX) return true;
  let brackets = 0;
  let operators = 0;
  for (let index = 0; index < code.length; index++) {
    switch (code.charCodeAt(index)) {
      case 0x28: // (
      case 0x5b: // [
      case 0x60: // `
      case 0x7b: // {
        brackets++;
        break;
      case 0x40: // @
        if (!isLetter(code.charCodeAt(index + 1))) operators++;
        break;
      case 0x21: // !
      case 0x25: // %
      case 0x26: // &
      case 0x2a: // *
      case 0x2b: // +
      case 0x2d: // -
      case 0x2f: // /
      case 0x3a: // :
      case 0x3c: // <
      case 0x3d: // =
      case 0x3e: // >
      case 0x3f: // ?
      case 0x5e: // ^
      case 0x7c: // |
      case 0x7e: // ~
        operators++;
        break;
      default:
    }
  }
  if (brackets >= BRACKET_DEPTH_MAX || operators >= CHAIN_MAX) return false;
  return (
    operators + (code.match(HEAVY_WORD)?.length ?? 0) < CHAIN_MAX && code.length < TOKEN_COUNT_MAX
  );
}

function isLetter(unit: number): boolean {
  return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;
}

class Budget {
  readonly #code: string;
  /** For each open bracket: what it is, and the length of the chain in it. */
  readonly #open: { readonly isTemplate: boolean; chain: number }[] = [
    { isTemplate: false, chain: 0 },
  ];
  #chain = 0;
  #elements = 0;
  #at = 0;
  #last = "";

  constructor(code: string) {
    this.#code = code;
  }

  find(): Excess | undefined {
    for (let count = 0; this.#at < this.#code.length; count++) {
      TOKEN.lastIndex = this.#at;
      const found = TOKEN.exec(this.#code);
      if (found === null) return undefined;
      const start = found.index;
      const [token] = found;
      this.#at = start + token.length;
      this.#take(token, start);
      const message = this.#excess(count);
      if (message !== undefined) return { start, message };
    }
    return undefined;
  }

  #excess(count: number): string | undefined {
    if (this.#open.length > BRACKET_DEPTH_MAX)
      return `more than ${BRACKET_DEPTH_MAX} brackets are open`;
    if (this.#chain > CHAIN_MAX) return `more than ${CHAIN_MAX} operators follow one another`;
    if (this.#elements > ELEMENT_DEPTH_MAX)
      return `more than ${ELEMENT_DEPTH_MAX} elements are open`;
    return count > TOKEN_COUNT_MAX ? `it has more than ${TOKEN_COUNT_MAX} tokens` : undefined;
  }

  #take(token: string, start: number): void {
    if (token.startsWith("//") || token.startsWith("/*")) return;
    if (token === "/" && BEFORE_REGEX.test(this.#last)) this.#skipRegex(start);
    else if (token === "`") return this.#template();
    else if (token === "(" || token === "[" || token === "{") {
      this.#open.push({ isTemplate: false, chain: 0 });
    } else if (token === ")" || token === "]" || token === "}") this.#close(token);
    else if (token === ";" || token === ",") {
      // `if (a) b(); else …` goes on behind it.
      if (!this.#isBeforeElse()) this.#endChain();
    } else if (token === "</" || token === "/>") this.#elements = Math.max(0, this.#elements - 1);
    else if (HEAVY.has(token) || this.#isLabel(token)) {
      const top = this.#open.at(-1);
      if (top !== undefined) top.chain++;
      this.#chain++;
      if (token === "<" && /[\w$>]/.test(this.#code[this.#at] ?? "")) this.#elements++;
    }
    this.#last = token;
  }

  #isLabel(token: string): boolean {
    return token === ":" && /^[\p{ID_Start}$_]/u.test(this.#last);
  }

  #isBeforeElse(): boolean {
    const next = /\s*else\b/y;
    next.lastIndex = this.#at;
    return next.test(this.#code);
  }

  #endChain(): void {
    const top = this.#open.at(-1);
    if (top === undefined) return;
    this.#chain -= top.chain;
    top.chain = 0;
  }

  #close(token: string): void {
    if (this.#open.length === 1) return;
    const closed = this.#open.pop();
    this.#chain -= closed?.chain ?? 0;
    if (closed?.isTemplate === true && token === "}") this.#template();
    else if (token === "}" && !this.#isBeforeElse()) this.#endBlock();
  }

  /** A block ends the statement that it stands in, unless something goes on behind it. */
  #endBlock(): void {
    const next = /\s*[\w$}]/y;
    next.lastIndex = this.#at;
    if (next.test(this.#code)) this.#endChain();
  }

  /** To the end of a template, or of its next part. */
  #template(): void {
    const part = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{|$)/y;
    part.lastIndex = this.#at;
    const found = part.exec(this.#code);
    this.#at = part.lastIndex || this.#code.length;
    if (found?.[1] === "${") this.#open.push({ isTemplate: true, chain: 0 });
    this.#last = "`";
  }

  #skipRegex(start: number): void {
    REGEX.lastIndex = start;
    if (REGEX.test(this.#code)) this.#at = REGEX.lastIndex;
  }
}
