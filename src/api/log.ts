/** The server's log: JSON lines on standard output, with nothing in them but what is named here. */

import type Pino from "pino";
import { ImmuconfigError } from "../base/errors.ts";

// Found where the server runs: plain `bun build` of it takes packages for a browser's.
const pino = import.meta.require("pino") as typeof Pino;

interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  /** The route's path, not the request's: names of projects are in the audit log. */
  readonly route: string;
  readonly status: number;
  /** Milliseconds. */
  readonly duration: number;
  /** `token:ID` or `person:ID`. */
  readonly caller: string | undefined;
}

/** `debug` has a line for reads that went well, too. */
export type LogLevel = "info" | "debug";

export interface Log {
  /** Whether a request gets a line: each change and each refusal does, and reads where they were asked for. */
  tells(isRead: boolean, status: number): boolean;
  request(line: RequestLine): void;
  /** What failed without being a client's mistake. */
  fault(requestId: string, error: unknown): void;
  /** Signing in at the provider of identities failed, which may be how it is set up. */
  provider(problem: string): void;
  started(url: string): void;
  /** The broker has come or gone. */
  nats(isConnected: boolean): void;
  stopped(): void;
}

/** @param write takes each line, with its line end */
export function createLog(write: (line: string) => void, level: LogLevel = "info"): Log {
  const logger = pino({ base: null, level }, { write });
  return {
    tells: (isRead, status) => !isRead || status >= 400 || level === "debug",
    request: (line) => logger.info(line, "request"),
    fault(requestId, error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      const hint = error instanceof ImmuconfigError ? { hint: error.hint } : {};
      logger.error({ requestId, error: { name, message, ...hint, stack } }, "fault");
    },
    nats: (isConnected) => logger.info(isConnected ? "NATS connected" : "NATS lost"),
    provider: (text) => logger.warn({ problem: text }, "sign-in at the provider failed"),
    started: (url) => logger.info({ url }, "started"),
    stopped: () => logger.info("stopped"),
  };
}

/** @param text of `LOG_LEVEL` */
export function logLevel(text: string | undefined): LogLevel {
  return text === "debug" ? "debug" : "info";
}
