import { Database } from "bun:sqlite";

const CODE_LENGTH = 7;
const ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789";

/** Links and their clicks, in memory. */
export class LinkStore {
  readonly #database = new Database(":memory:", { strict: true });

  constructor() {
    this.#database.run(
      "create table links (code text primary key, url text not null, clicks integer not null default 0)",
    );
  }

  add(url: string): string {
    const random = crypto.getRandomValues(new Uint8Array(CODE_LENGTH));
    const code = Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
    this.#database.query("insert into links (code, url) values ($code, $url)").run({ code, url });
    return code;
  }

  find(code: string): string | undefined {
    const row = this.#database
      .query<{ url: string }, { code: string }>("select url from links where code = $code")
      .get({ code });
    return row?.url;
  }

  countClick(code: string): void {
    this.#database.query("update links set clicks = clicks + 1 where code = $code").run({ code });
  }

  clicks(code: string): number | undefined {
    const row = this.#database
      .query<{ clicks: number }, { code: string }>("select clicks from links where code = $code")
      .get({ code });
    return row?.clicks;
  }
}
