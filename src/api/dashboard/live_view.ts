/** What the page of an environment shows, kept as the server has it. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { FleetView } from "../../agent/fleet_view.ts";
import {
  type Environment,
  type HistoryRow,
  type Ledger,
  pathOf,
  type Place,
  readEnvironment,
  readFields,
  readFleet,
  readHistory,
  readLedger,
  type RecordFields,
  UNKNOWN,
} from "./client.ts";
import { useAttempts } from "./forms.tsx";

/** Milliseconds between two looks at the hosts. */
const HOSTS_MS = 10_000;
/** Milliseconds until a stream that was refused is asked for again. */
const AGAIN_MS = 2000;
const CUT_TEXT = "The connection is lost; trying again. What stands here may be old.";

export interface View {
  readonly environment: Environment;
  readonly history: readonly HistoryRow[];
  readonly fields: RecordFields | undefined;
  readonly fleet: FleetView;
  readonly ledger: Ledger | undefined;
}

/** Read again whenever the server says that something has changed. */
export function useView(place: Place): {
  readonly view: View | undefined;
  readonly fault: string;
} {
  const [view, setView] = useState<View>();
  const [isCut, setIsCut] = useState(false);
  const { fault, attempt } = useAttempts();
  const newest = useRef<View>(undefined);
  const isOld = useRef(false);
  const path = pathOf(place);
  useEffect(() => {
    const refresh = inTurn(async () => {
      isOld.current = !(await attempt(async () => {
        newest.current = await readView(place, newest.current);
        setView(newest.current);
      }));
    });
    const lookAtHosts = (): void =>
      void attempt(async () => {
        const fleet = await readFleet(place);
        setView((seen) => seen && { ...seen, fleet });
      });
    const stop = follow(`${path}/events`, { onMessage: refresh, onCut: setIsCut });
    // Hosts report without changing anything.
    const timer = setInterval(() => (isOld.current ? refresh() : lookAtHosts()), HOSTS_MS);
    addEventListener(UNKNOWN, refresh);
    return () => {
      removeEventListener(UNKNOWN, refresh);
      stop();
      clearInterval(timer);
    };
  }, [path]);
  return { view, fault: isCut ? CUT_TEXT : fault };
}

interface Follower {
  /** Also once at the beginning: the stream begins with the present version. */
  readonly onMessage: () => void;
  readonly onCut: (isCut: boolean) => void;
}

/**
 * Follows a stream of events until it is stopped.
 *
 * @returns stops it
 */
function follow(url: string, { onMessage, onCut }: Follower): () => void {
  let events: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    events = new EventSource(url);
    events.addEventListener("open", () => onCut(false));
    events.addEventListener("message", onMessage);
    events.addEventListener("error", () => {
      onCut(true);
      // Says whether anybody is signed in any more, which an event stream does not.
      onMessage();
      // It tries again by itself after a broken connection, but never after a refusal, such as a proxy's 502.
      if (events.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    events.close();
  };
}

/** Never twice at once, or an older answer could come last; what is asked for meanwhile is done once more. */
function inTurn(work: () => Promise<void>): () => void {
  let last: Promise<void> | undefined;
  let isWaiting = false;
  const run = (): void => {
    if (last !== undefined) {
      isWaiting = true;
      return;
    }
    last = work().finally(() => {
      last = undefined;
      if (!isWaiting) return;
      isWaiting = false;
      run();
    });
  };
  return run;
}

/** @param seen before: what belongs to a record or a ledger that is still the newest is not read again */
async function readView(place: Place, seen: View | undefined): Promise<View> {
  const [environment, history, fleet] = await Promise.all([
    readEnvironment(place),
    readHistory(place),
    readFleet(place),
  ]);
  const before = seen?.environment;
  const fields = await still(environment.record, before?.record, seen?.fields, () =>
    readFields(place),
  );
  const ledger = await still(environment.ledger, before?.ledger, seen?.ledger, () =>
    readLedger(place),
  );
  return { environment, history, fields, fleet, ledger };
}

type Content = { readonly digest: string } | null | undefined;

async function still<Part>(
  now: Content,
  before: Content,
  seen: Part | undefined,
  read: () => Promise<Part>,
): Promise<Part | undefined> {
  if (now?.digest === before?.digest) return seen;
  return now === null ? undefined : read();
}
