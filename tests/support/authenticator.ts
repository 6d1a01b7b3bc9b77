/** A passkey in software: what a browser sends for one, by WebAuthn level 2. ES256, no attestation. */

import {
  createHash,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** User present and verified. */
const FLAGS = 0x05;
const ATTESTED = 0x40;

export class Authenticator {
  readonly #key: KeyObject;
  readonly #publicKey: Uint8Array;
  readonly #host: string;
  readonly #origin: string;
  readonly id = randomBytes(16).toString("base64url");
  #counter = 0;

  /** @param origin of the page that it is used from */
  constructor(origin: string) {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#key = privateKey;
    // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    this.#publicKey = Buffer.concat([
      Buffer.from("a5010203262001215820", "hex"),
      Buffer.from(x, "base64url"),
      Buffer.from("225820", "hex"),
      Buffer.from(y, "base64url"),
    ]);
    this.#origin = origin;
    this.#host = new URL(origin).hostname;
  }

  /** The answer to `navigator.credentials.create`. */
  create(challenge: string, origin = this.#origin): object {
    const id = Buffer.from(this.id, "base64url");
    const size = Buffer.from([0, id.length]);
    const data = this.#data(FLAGS | ATTESTED, [Buffer.alloc(16), size, id, this.#publicKey]);
    // {"fmt": "none", "attStmt": {}, "authData": data}
    const attestation = Buffer.concat([
      Buffer.from("a363666d74646e6f6e656761747453746d74a068617574684461746158", "hex"),
      Buffer.from([data.length]),
      data,
    ]);
    return this.#answer({
      clientDataJSON: clientData("webauthn.create", challenge, origin).toString("base64url"),
      attestationObject: attestation.toString("base64url"),
    });
  }

  /** The answer to `navigator.credentials.get`. */
  get(challenge: string, origin = this.#origin): object {
    this.#counter++;
    const data = this.#data(FLAGS, []);
    const client = clientData("webauthn.get", challenge, origin);
    const signed = Buffer.concat([data, createHash("sha256").update(client).digest()]);
    return this.#answer({
      clientDataJSON: client.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: createSign("sha256").update(signed).sign(this.#key).toString("base64url"),
    });
  }

  /** Goes back to what it was when it was copied. */
  forget(): void {
    this.#counter = 0;
  }

  #data(flags: number, more: readonly Uint8Array[]): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    const host = createHash("sha256").update(this.#host).digest();
    return Buffer.concat([host, Buffer.from([flags]), counter, ...more]);
  }

  #answer(response: object): object {
    const { id } = this;
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
