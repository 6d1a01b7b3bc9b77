/**
 * Ed25519 keys that live in ssh-agent. The agent signs our message as it is; that it begins with
 * "immuconfig/" keeps it apart from all that SSH itself signs.
 *
 * @see draft-miller-ssh-agent, "Signature requests"
 */

import { createConnection, type Socket } from "node:net";
import type { Environment } from "../../base/environment.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { SSH_AGENT_ANSWER_SIZE_MAX, SSH_AGENT_WAIT_MS } from "../../base/limits.ts";
import type { Signer } from "../file_signature.ts";
import { PUBLIC_KEY_SIZE } from "./private_key.ts";

export interface AgentKey {
  readonly publicKey: Uint8Array;
  /** What the user called it, often a mail address. Not checked by anybody. */
  readonly comment: string;
}

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const KEY_TYPE = "ssh-ed25519";
const SIGNATURE_SIZE = 64;
const KEY_COUNT_MAX = 1024;

/**
 * The Ed25519 keys of the user's agent.
 *
 * @returns none without an agent
 * @throws ImmuconfigError `ERR_KEY` for an agent that does not answer as one
 */
export async function agentKeys(env: Environment): Promise<AgentKey[]> {
  const path = env["SSH_AUTH_SOCK"];
  if (path === undefined || path === "") return [];
  const answer = await ask(path, Buffer.from([REQUEST_IDENTITIES]));
  const reader = new AgentReader(answer);
  if (reader.byte() !== IDENTITIES_ANSWER) throw agentError("refuses to name its keys");
  const count = reader.uint32();
  if (count > KEY_COUNT_MAX) throw agentError(`names more than ${KEY_COUNT_MAX} keys`);
  const keys: AgentKey[] = [];
  for (let i = 0; i < count; i++) {
    const blob = new AgentReader(reader.bytes());
    const comment = reader.bytes().toString("utf8");
    if (blob.bytes().toString("latin1") !== KEY_TYPE) continue;
    const publicKey = new Uint8Array(blob.bytes());
    if (publicKey.length === PUBLIC_KEY_SIZE) keys.push({ publicKey, comment });
  }
  return keys;
}

/** Signs by one of the agent's keys. The agent may ask its user first. */
export function agentSigner(publicKey: Uint8Array, env: Environment): Signer {
  return {
    publicKey,
    async sign(message) {
      const flags = Buffer.alloc(4);
      const answer = await ask(
        env["SSH_AUTH_SOCK"] ?? "",
        Buffer.concat([
          Buffer.from([SIGN_REQUEST]),
          lengthed(keyBlob(publicKey)),
          lengthed(message),
          flags,
        ]),
      );
      const reader = new AgentReader(answer);
      if (reader.byte() !== SIGN_RESPONSE) throw agentError("refuses to sign");
      const signature = new AgentReader(reader.bytes());
      const kind = signature.bytes().toString("latin1");
      const bytes = new Uint8Array(signature.bytes());
      if (kind !== KEY_TYPE || bytes.length !== SIGNATURE_SIZE) {
        throw agentError("signs in another way than Ed25519");
      }
      return bytes;
    },
  };
}

function keyBlob(publicKey: Uint8Array): Buffer {
  return Buffer.concat([lengthed(Buffer.from(KEY_TYPE)), lengthed(publicKey)]);
}

function lengthed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** Sends one message and gives the answer's content. */
function ask(path: string, message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const chunks: Buffer[] = [];
    const fail = (what: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(agentError(what, cause));
    };
    const timer = setTimeout(() => fail("does not answer"), SSH_AGENT_WAIT_MS);
    socket.once("error", (cause: Error) => fail("cannot be reached", cause));
    socket.once("close", () => fail("breaks off"));
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks);
      if (answer.length < 4) return;
      const size = answer.readUInt32BE();
      if (size > SSH_AGENT_ANSWER_SIZE_MAX) return fail("answers at too great length");
      if (answer.length < 4 + size) return;
      finish(socket, timer);
      resolve(answer.subarray(4, 4 + size));
    });
    socket.write(lengthed(message));
  });
}

function finish(socket: Socket, timer: NodeJS.Timeout): void {
  clearTimeout(timer);
  socket.removeAllListeners("close");
  socket.destroy();
}

class AgentReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#take(1).readUInt8();
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  /** A length and as many bytes. */
  bytes(): Buffer {
    return this.#take(this.uint32());
  }

  #take(size: number): Buffer {
    const end = this.#at + size;
    if (end > this.#bytes.length) throw agentError("breaks its own protocol");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function agentError(what: string, cause?: unknown): ImmuconfigError {
  return new ImmuconfigError("ERR_KEY", `ssh-agent ${what}`, {
    hint: "Check SSH_AUTH_SOCK and `ssh-add -l`.",
    cause,
  });
}
