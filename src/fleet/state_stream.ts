/** The stream that keeps the last state of every subject, for who writes it. */

import type { JetStreamClient, StreamConfig } from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { ImmuconfigError } from "../base/errors.ts";
import { JETSTREAM_MS, type NatsLink } from "./nats_connection.ts";
import type { StateMessage } from "./state_message.ts";
import { RECORD_SIZE_MAX, STREAM, STREAM_SUBJECTS } from "./subjects.ts";

/** A message that the stream has. */
export interface KeptMessage {
  readonly payload: Uint8Array;
  readonly header: (name: string) => string;
}

/** Another writer may be quicker, so often. */
const TRIES = 3;
const REPLICAS = 3;
/** Bytes of a message that its headers may take. */
const HEADERS_SIZE = 1024;
/** Of the API of JetStream. */
const NOT_CLUSTERED = 10_074;

export class StateStream {
  readonly #link: NatsLink;
  readonly #client: JetStreamClient;
  /** Of the last message of a subject, as far as it is known. */
  readonly #sequences = new Map<string, number>();

  private constructor(link: NatsLink) {
    this.#link = link;
    this.#client = link.streams.jetstream();
  }

  /**
   * Makes the stream where it is missing: three replicas in a cluster, one on a server that is alone. One that
   * somebody made otherwise is used as it is, if it keeps what it must.
   *
   * @throws ImmuconfigError `ERR_VALUE` for a stream that does not; what the broker throws
   */
  static async open(link: NatsLink): Promise<StateStream> {
    const config = await findStream(link);
    if (config === undefined) await createStream(link);
    else requireUsable(link, config);
    return new StateStream(link);
  }

  /** Bytes of a record that goes as it is: brokers may be told to take less than they do by themselves. */
  get recordSizeMax(): number {
    return Math.min(RECORD_SIZE_MAX, payloadSizeMax(this.#link));
  }

  /** What the subject's last message is has to be looked up again. */
  forget(subject: string): void {
    this.#sequences.delete(subject);
  }

  /**
   * Puts a message in the place of the last one of its subject, and no other: what somebody else put there
   * since is looked at first.
   *
   * @param isRight whether what the stream has is as good
   * @returns whether it was put; false where what is there is right
   * @throws what the broker throws; the message may then be there or not
   */
  async put(
    subject: string,
    { payload, headers }: StateMessage,
    isRight: (kept: KeptMessage) => boolean,
  ): Promise<boolean> {
    const { jetstream, streams } = this.#link;
    requireTaken(this.#link, subject, payload);
    for (let tries = TRIES; ; tries--) {
      let last = this.#sequences.get(subject);
      if (last === undefined) {
        const kept = await streams.streams.getMessage(STREAM, { last_by_subj: subject });
        last = kept?.seq ?? 0;
        this.#sequences.set(subject, last);
        if (kept !== null) {
          const header = (name: string): string => kept.header.get(name);
          if (isRight({ payload: kept.data, header })) return false;
        }
      }
      try {
        const { seq } = await this.#client.publish(subject, payload, {
          headers: headersOf(this.#link, headers),
          timeout: JETSTREAM_MS,
          expect: { lastSubjectSequence: last },
        });
        this.#sequences.set(subject, seq);
        return true;
      } catch (error) {
        const { StreamWrongLastSequence } = jetstream.JetStreamApiCodes;
        if (codeOf(this.#link, error) !== StreamWrongLastSequence) throw error;
        this.#sequences.delete(subject);
        if (tries <= 1) throw error;
      }
    }
  }
}

/** What the broker said when it let in. */
function payloadSizeMax({ connection }: NatsLink): number {
  return (connection.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADERS_SIZE;
}

/** @throws ImmuconfigError `ERR_VALUE` for a message that the broker would not take */
function requireTaken(link: NatsLink, subject: string, payload: Uint8Array): void {
  const sizeMax = payloadSizeMax(link);
  if (payload.byteLength <= sizeMax) return;
  throw new ImmuconfigError(
    "ERR_VALUE",
    `${subject} has ${payload.byteLength} bytes, and the broker takes ${sizeMax} beside the headers`,
    { hint: "Let the brokers, and its account, take more: max_payload." },
  );
}

/** Says to those who listen now what no stream keeps yet: they need not wait for one to be there. */
export function announce(
  link: NatsLink,
  subject: string,
  { payload, headers }: StateMessage,
): void {
  requireTaken(link, subject, payload);
  const own = headersOf(link, headers);
  own.set("Nats-Expected-Stream", "none");
  link.connection.publish(subject, payload, { headers: own });
}

function headersOf({ nats }: NatsLink, headers: StateMessage["headers"]): MsgHdrs {
  const own = nats.headers();
  for (const [name, value] of Object.entries(headers)) own.set(name, value);
  return own;
}

async function findStream(link: NatsLink): Promise<StreamConfig | undefined> {
  try {
    return (await link.streams.streams.info(STREAM)).config;
  } catch (error) {
    if (codeOf(link, error) === link.jetstream.JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

async function createStream(link: NatsLink): Promise<void> {
  const { jetstream, streams } = link;
  const config = {
    name: STREAM,
    subjects: [...STREAM_SUBJECTS],
    description: "immuconfig: the last state of every environment",
    max_msgs_per_subject: 1,
    allow_direct: true,
    storage: jetstream.StorageType.File,
    discard: jetstream.DiscardPolicy.Old,
  };
  try {
    await streams.streams.add({ ...config, num_replicas: REPLICAS });
  } catch (error) {
    if (codeOf(link, error) !== NOT_CLUSTERED) throw error;
    await streams.streams.add({ ...config, num_replicas: 1 });
  }
}

function requireUsable({ jetstream }: NatsLink, config: StreamConfig): void {
  const faults = [
    config.allow_direct ? "" : "it does not allow direct gets",
    config.max_msgs_per_subject === 1 ? "" : "it keeps more than the last message of a subject",
    STREAM_SUBJECTS.every((subject) => config.subjects.includes(subject))
      ? ""
      : `it does not keep ${STREAM_SUBJECTS.join(" and ")}`,
    config.no_ack === true ? "it does not acknowledge" : "",
    config.retention === jetstream.RetentionPolicy.Limits ? "" : "it forgets what nobody consumes",
    config.max_age === 0 ? "" : "it forgets what is older than some time",
    config.sealed ? "it is sealed" : "",
  ].filter((fault) => fault !== "");
  if (faults.length === 0) return;
  throw new ImmuconfigError(
    "ERR_VALUE",
    `the stream ${STREAM} cannot be used: ${faults.join(", ")}`,
    {
      hint: `Edit it (nats stream edit ${STREAM}), or delete it: the control plane makes it again.`,
    },
  );
}

function codeOf({ jetstream }: NatsLink, error: unknown): number | undefined {
  return error instanceof jetstream.JetStreamApiError ? error.code : undefined;
}
