// TOML text as JSON text. The core reads TOML too, but its reader would be an eighth of what a page has to load; a test
// compares the two.

import { HeijunkaError } from "./errors.js";

/** A table. Its members stand in the order of their first mention. */
interface Table {
  readonly kind: "table";
  readonly members: Map<string, Node>;
  /**
   * How it came to be, which decides who may add to it: `implied` by a longer header, written as a `header`, made by
   * `dotted` keys, or `inline`.
   */
  made: "implied" | "header" | "dotted" | "inline";
}

interface List {
  readonly kind: "list";
  readonly items: Node[];
  /** Whether it is one of tables, with headers of their own: only those grow. */
  readonly ofTables: boolean;
}

/** A number, text, true or false, as JSON. */
interface Leaf {
  readonly kind: "leaf";
  readonly json: string;
}

type Node = Table | List | Leaf;

/** The core takes 32 levels; here a bound keeps the reader itself from going too deep. */
const MAX_DEPTH = 64;

const DATE = /\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/.source;
const TIME = /([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?/.source;
const ZONE = /([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)/.source;
const MOMENT = new RegExp(`^(${DATE}([Tt ]${TIME}${ZONE}?)?|${TIME})$`);
const INTEGER = /^[+-]?(0|[1-9](_?\d)*)$/;
const PREFIXED = /^0(x[\da-fA-F](_?[\da-fA-F])*|o[0-7](_?[0-7])*|b[01](_?[01])*)$/;
const FLOAT = /^[+-]?(0|[1-9](_?\d)*)(\.\d(_?\d)*)?([eE][+-]?\d(_?\d)*)?$/;
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", e: "\u001b", '"': '"', "\\": "\\",
};

/** Reads TOML 1.1 and answers the same as JSON. Throws `invalid_config`, saying where, for the first that is wrong. */
export function jsonOfToml(text: string): string {
  return jsonOf(new Reader(text.startsWith("\ufeff") ? text.slice(1) : text).document());
}

function jsonOf(node: Node): string {
  switch (node.kind) {
    case "leaf":
      return node.json;
    case "list":
      return `[${node.items.map(jsonOf).join(",")}]`;
    case "table":
      return `{${[...node.members].map(([name, inner]) => `${JSON.stringify(name)}:${jsonOf(inner)}`).join(",")}}`;
  }
}

function table(made: Table["made"]): Table {
  return { kind: "table", members: new Map(), made };
}

function leaf(json: string): Leaf {
  return { kind: "leaf", json };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Table {
    const root = table("header");
    let current = root;
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) return root;
      if (this.#peek() === "[") current = this.#header(root);
      else this.#pair(current, 0, false);
      this.#lineEnd();
    }
  }

  /** `[a.b]` or `[[a.b]]`: the table that follows. */
  #header(root: Table): Table {
    const start = this.#at;
    this.#at += 1;
    const listed = this.#take("[");
    const path = this.#key(false);
    if (!this.#take("]") || (listed && !this.#take("]"))) this.#fail(`expected \`${listed ? "]]" : "]"}\``);
    const last = path.pop() as string;
    let place = root;
    for (const name of path) {
      let inner = place.members.get(name);
      if (inner === undefined) {
        inner = table("implied");
        place.members.set(name, inner);
      }
      if (inner.kind === "list" && inner.ofTables) inner = inner.items[inner.items.length - 1] as Node;
      if (inner.kind !== "table" || inner.made === "inline") this.#fail(`\`${name}\` can't be extended`, start);
      place = inner;
    }
    const known = place.members.get(last);
    if (listed) {
      const added = table("header");
      if (known === undefined) place.members.set(last, { kind: "list", items: [added], ofTables: true });
      else if (known.kind === "list" && known.ofTables) known.items.push(added);
      else this.#fail("duplicate key", start);
      return added;
    }
    if (known === undefined) {
      const added = table("header");
      place.members.set(last, added);
      return added;
    }
    if (known.kind !== "table" || known.made !== "implied") this.#fail("duplicate key", start);
    known.made = "header";
    return known;
  }

  /** `a.b = value`, into a table; in an inline one, key and value may stand on several lines. */
  #pair(into: Table, depth: number, inline: boolean): void {
    const start = this.#at;
    const path = this.#key(inline);
    const last = path.pop() as string;
    let place = into;
    for (const name of path) {
      let inner = place.members.get(name);
      if (inner === undefined) {
        inner = table("dotted");
        place.members.set(name, inner);
      }
      if (inner.kind !== "table" || inner.made === "inline" || inner.made === "header") {
        this.#fail(`\`${name}\` can't be extended`, start);
      }
      // What a header only implied is defined here, and can't get a header of its own any more.
      inner.made = "dotted";
      place = inner;
    }
    if (place.members.has(last)) this.#fail("duplicate key", start);
    if (!this.#take("=")) this.#fail("expected `.` or `=`");
    this.#blank(inline);
    place.members.set(last, this.#value(depth + path.length + 1));
  }

  /** The parts of a key, at least one, and the blanks around them. */
  #key(lines: boolean): string[] {
    const parts: string[] = [];
    this.#blank(lines);
    do {
      this.#blank(false);
      const begin = this.#peek();
      if (begin === '"' || begin === "'") {
        if (this.#text.startsWith(begin.repeat(3), this.#at)) this.#fail("a key can't have several lines");
        parts.push(this.#string(begin));
      } else {
        const word = /[A-Za-z0-9_-]*/y;
        word.lastIndex = this.#at;
        const part = word.exec(this.#text)?.[0] ?? "";
        if (part === "") this.#fail("expected a key");
        this.#at += part.length;
        parts.push(part);
      }
      if (parts.length > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
      this.#blank(false);
    } while (this.#take("."));
    this.#blank(lines);
    return parts;
  }

  #value(depth: number): Node {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    const begin = this.#peek();
    switch (begin) {
      case '"':
      case "'": {
        const long = this.#text.startsWith(begin.repeat(3), this.#at);
        return leaf(JSON.stringify(long ? this.#longString(begin) : this.#string(begin)));
      }
      case "[":
        return this.#list(depth);
      case "{":
        return this.#inlineTable(depth);
      default:
        return this.#scalar();
    }
  }

  #scalar(): Leaf {
    const start = this.#at;
    const word = /[^\s,#[\]{}="']*/y;
    word.lastIndex = start;
    let text = word.exec(this.#text)?.[0] ?? "";
    // A date and a time may have a blank between them.
    const timed = new RegExp(`^${DATE}$`).test(text) && / [0-9]{2}:[^\s,#[\]{}="']*/y;
    if (timed) {
      timed.lastIndex = start + text.length;
      text += timed.exec(this.#text)?.[0] ?? "";
    }
    if (text === "") this.#fail("expected a value");
    const json = scalarOf(text);
    if (json === null) this.#fail(`\`${text.slice(0, 60)}\` is not a value`, start);
    this.#at += text.length;
    return leaf(json);
  }

  #list(depth: number): List {
    this.#at += 1;
    const items: Node[] = [];
    for (;;) {
      this.#blank(true);
      if (this.#take("]")) return { kind: "list", items, ofTables: false };
      items.push(this.#value(depth + 1));
      this.#blank(true);
      if (!this.#take(",") && this.#peek() !== "]") this.#fail("expected `,` or `]`");
    }
  }

  #inlineTable(depth: number): Table {
    this.#at += 1;
    const made = table("dotted");
    for (;;) {
      this.#blank(true);
      if (this.#take("}")) break;
      this.#pair(made, depth, true);
      this.#blank(true);
      if (!this.#take(",") && this.#peek() !== "}") this.#fail("expected `,` or `}`");
    }
    close(made);
    return made;
  }

  /** Text on one line. */
  #string(quote: string): string {
    this.#at += 1;
    let made = "";
    for (;;) {
      const letter = this.#letter();
      if (letter === quote) {
        this.#at += 1;
        return made;
      }
      if (letter === "\n" || letter === "\r") this.#fail("the quote isn't closed on its line");
      made += letter === "\\" && quote === '"' ? this.#escape(false) : this.#plain(letter);
    }
  }

  /** Text on several lines. */
  #longString(quote: string): string {
    this.#at += 3;
    if (!this.#take("\r\n")) this.#take("\n");
    let made = "";
    for (;;) {
      const letter = this.#letter();
      if (letter === quote && this.#text.startsWith(quote.repeat(3), this.#at)) {
        // Up to two quotes may stand before the closing three.
        let quotes = 3;
        while (quotes < 5 && this.#text[this.#at + quotes] === quote) quotes += 1;
        this.#at += quotes;
        return made + quote.repeat(quotes - 3);
      }
      if (letter === "\n") {
        made += letter;
        this.#at += 1;
      } else if (this.#take("\r\n")) {
        made += "\r\n";
      } else {
        made += letter === "\\" && quote === '"' ? this.#escape(true) : this.#plain(letter);
      }
    }
  }

  /** A letter of text as it is. */
  #plain(letter: string): string {
    if (isControl(letter)) this.#fail("a control character that isn't escaped");
    this.#at += letter.length;
    return letter;
  }

  #escape(long: boolean): string {
    const start = this.#at;
    this.#at += 1;
    if (long) {
      // A backslash at the end of a line leaves out the line's end and the white space after it.
      const rest = /[ \t]*\r?\n[ \t\r\n]*/y;
      rest.lastIndex = this.#at;
      const skipped = rest.exec(this.#text)?.[0];
      if (skipped !== undefined) {
        this.#at += skipped.length;
        return "";
      }
    }
    const letter = this.#letter();
    this.#at += letter.length;
    const known = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (known !== undefined) return known;
    const length = { x: 2, u: 4, U: 8 }[letter];
    const digits = length === undefined ? "" : this.#text.slice(this.#at, this.#at + length);
    const code = Number.parseInt(digits, 16);
    if (length === undefined || digits.length < length || !/^[\da-fA-F]+$/.test(digits)) {
      this.#fail("not an escape", start);
    }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) this.#fail("not a character", start);
    this.#at += length;
    return String.fromCodePoint(code);
  }

  /** The next letter of text, which has to be closed. */
  #letter(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) this.#fail("a quote isn't closed");
    if (code >= 0xd800 && code <= 0xdfff) this.#fail("the text isn't valid Unicode");
    return String.fromCodePoint(code);
  }

  /** Passes over blanks; with `lines` over comments and the ends of lines as well. */
  #blank(lines: boolean): void {
    for (;;) {
      const letter = this.#peek();
      if (letter === " " || letter === "\t") this.#at += 1;
      else if (lines && letter === "#") this.#comment();
      else if (!lines || !(this.#take("\n") || this.#take("\r\n"))) return;
    }
  }

  #comment(): void {
    while (this.#at < this.#text.length && this.#peek() !== "\n" && !this.#text.startsWith("\r\n", this.#at)) {
      if (isControl(this.#peek())) this.#fail("a control character in a comment");
      this.#at += this.#letter().length;
    }
  }

  /** Nothing more may stand on the line. */
  #lineEnd(): void {
    this.#blank(false);
    if (this.#peek() === "#") this.#comment();
    if (this.#at < this.#text.length && !this.#take("\n") && !this.#take("\r\n")) {
      this.#fail("expected the end of the line");
    }
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #take(text: string): boolean {
    const there = this.#text.startsWith(text, this.#at);
    if (there) this.#at += text.length;
    return there;
  }

  #fail(what: string, at = this.#at): never {
    const before = this.#text.slice(0, at);
    const line = before.split("\n").length;
    const column = [...before.slice(before.lastIndexOf("\n") + 1)].length + 1;
    const message = `not valid TOML: ${what} at line ${line} column ${column}`;
    throw new HeijunkaError("invalid_config", message, { problems: [{ path: "", message }] });
  }
}

/** Nothing can be added to an inline table, nor to the tables its dotted keys made. */
function close(made: Table): void {
  made.made = "inline";
  for (const inner of made.members.values()) {
    if (inner.kind === "table" && inner.made === "dotted") close(inner);
  }
}

function scalarOf(text: string): string | null {
  if (text === "true" || text === "false") return text;
  const digits = text.replaceAll("_", "");
  if (INTEGER.test(text)) return BigInt(digits.replace(/^\+/, "")).toString();
  if (PREFIXED.test(text)) return BigInt(digits).toString();
  if (FLOAT.test(text)) return digits.replace(/^\+/, "");
  // JSON has no such numbers, and no field takes them.
  if (/^[+-]?(inf|nan)$/.test(text)) return JSON.stringify(text);
  if (MOMENT.test(text)) return JSON.stringify(text.toUpperCase().replace(" ", "T"));
  return null;
}

function isControl(letter: string): boolean {
  const code = letter.charCodeAt(0);
  return (code < 0x20 && letter !== "\t") || code === 0x7f;
}
