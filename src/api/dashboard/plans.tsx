/** @jsxImportSource preact */
import { feature } from "bun:bundle";
import { useState } from "preact/hooks";
import { type Asking, AskingDialog } from "./asking.tsx";
import {
  approve,
  askAgain,
  askForTwo,
  cancelSchedule,
  freeze,
  reject,
  thaw,
  wish,
} from "./change_client.ts";
import type { ChangeRequest, Environment, Schedule } from "./client.ts";
import { Fault, useAttempts } from "./forms.tsx";
import { Difference } from "./values_difference.tsx";
import { actionText, dateText } from "./words.ts";

interface Props {
  readonly environment: Environment;
  readonly canSwitch: boolean;
  readonly isAdmin: boolean;
  /** Signed in as themselves, not with a token. */
  readonly isPerson: boolean;
}

/** What waits for its time or for somebody's approval, and the rules of the environment. */
export function Plans({ environment, canSwitch, isAdmin, isPerson }: Props) {
  const [asking, setAsking] = useState<Asking>();
  const { fault, busy, attempt } = useAttempts();
  const { schedules, requests, frozen, twoPersons } = environment;
  return (
    <>
      <section aria-labelledby="plans">
        <h2 id="plans">Plans and requests</h2>
        <Fault text={fault} />
        {schedules.length + requests.length === 0 ? <p class="quiet">Nothing waits.</p> : null}
        <ul class="plans">
          {requests.map((one) => (
            <li key={one.request}>
              <RequestText request={one} />
              {canSwitch ? (
                <span class="buttons">
                  {isPerson && !one.own && one.values?.stale !== true ? (
                    <button
                      class="main"
                      disabled={busy}
                      onClick={() => void attempt(() => approve(environment, one.request))}
                    >
                      Approve
                      <Named {...one} />
                    </button>
                  ) : null}
                  {feature("PREMIUM_TYPES") && one.values?.stale === true ? (
                    <button
                      onClick={() =>
                        setAsking({
                          title: "Ask for it again, in place of the values as they are now",
                          verb: "Ask again",
                          run: (reason) => askAgain(environment, one, reason),
                        })
                      }
                    >
                      Ask again
                      <Named {...one} />
                    </button>
                  ) : null}
                  <button
                    onClick={() =>
                      setAsking({
                        title: one.own ? "Take the request back" : "Reject the request",
                        verb: one.own ? "Take it back" : "Reject",
                        run: (reason) => reject(environment, one.request, reason),
                      })
                    }
                  >
                    {one.own ? "Take back" : "Reject"}
                    <Named {...one} />
                  </button>
                </span>
              ) : null}
            </li>
          ))}
          {schedules.map((one) => (
            <li key={one.schedule}>
              <ScheduleText schedule={one} twoPersons={twoPersons} />
              {canSwitch ? (
                <button
                  onClick={() =>
                    setAsking({
                      title: "Take the plan back",
                      verb: "Take it back",
                      run: (reason) => cancelSchedule(environment, one.schedule, reason),
                    })
                  }
                >
                  Take back
                  <Named {...one} />
                </button>
              ) : null}
            </li>
          ))}
        </ul>
        {isAdmin ? (
          <div class="buttons">
            <button onClick={() => setAsking(freezing(environment))}>
              {frozen === null ? "Freeze" : "Thaw"}
            </button>
            {frozen === null ? (
              <button onClick={() => setAsking(ruling(environment))}>
                {twoPersons ? "Ask for one person" : "Ask for two persons"}
              </button>
            ) : null}
          </div>
        ) : null}
      </section>
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </>
  );
}

function freezing(environment: Environment): Asking {
  return environment.frozen === null
    ? { title: "Freeze the environment", verb: "Freeze it", run: (why) => freeze(environment, why) }
    : { title: "Thaw the environment", verb: "Thaw it", run: (why) => thaw(environment, why) };
}

function ruling(environment: Environment): Asking {
  if (!environment.twoPersons) {
    const run = (why: string): Promise<unknown> => askForTwo(environment, why);
    return { title: "Ask for two persons from now on", verb: "Ask for two", run };
  }
  const action = { kind: "end_two_persons" } as const;
  const run = (reason: string): Promise<unknown> => wish(environment, { action, reason, at: null });
  return {
    title: "Ask for no second person; another administrator approves",
    verb: "Ask for it",
    run,
  };
}

function RequestText({ request }: { request: ChangeRequest }) {
  const { by, action, at, reason, values } = request;
  return (
    <span>
      {by} asks to {actionText(action)}
      {at === null ? "" : `, at ${dateText(at)}`}: {reason}
      {feature("PREMIUM_TYPES") ? <Difference values={values} /> : null}
    </span>
  );
}

interface ScheduleProps {
  readonly schedule: Schedule;
  readonly twoPersons: boolean;
}

function ScheduleText({ schedule, twoPersons }: ScheduleProps) {
  const { by, action, at, reason, approved, values } = schedule;
  return (
    <span>
      {dateText(at)}: {actionText(action)}, planned by {by}: {reason}
      {twoPersons && !approved ? (
        <div class="warn">
          One person planned it, and two are asked for by now: it will not be done. Ask for it anew.
        </div>
      ) : null}
      {feature("PREMIUM_TYPES") ? <Difference values={values} /> : null}
    </span>
  );
}

/** For those who hear a list of buttons. */
function Named({ by, reason }: { readonly by: string; readonly reason: string }) {
  return (
    <span class="visually-hidden">
      {" "}
      what {by} wants: {reason}
    </span>
  );
}
