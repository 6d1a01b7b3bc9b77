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
import { type ChangeRequest, type Environment, nameOf, type Schedule } from "./client.ts";
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

/** Of its heading, to which the page leads. */
export const PLANS = "plans";

/** What waits for its time or for somebody's approval, and the rules of the environment. */
export function Plans({ environment, canSwitch, isAdmin, isPerson }: Props) {
  const [asking, setAsking] = useState<Asking>();
  const { fault, busy, attempt } = useAttempts();
  const { schedules, requests, frozen, twoPersons } = environment;
  return (
    <>
      <section aria-labelledby={PLANS}>
        <h2 id={PLANS} tabIndex={-1}>
          Plans and requests
        </h2>
        <Fault text={fault} />
        {schedules.length + requests.length === 0 ? <p class="quiet">Nothing waits.</p> : null}
        <ul class="plans">
          {requests.map((one) => (
            <li key={one.request}>
              <RequestText request={one} />
              {canSwitch ? (
                <RequestButtons
                  request={one}
                  environment={environment}
                  isPerson={isPerson}
                  busy={busy}
                  onApprove={() => void attempt(() => approve(environment, one.request))}
                  onAsk={setAsking}
                />
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
                      title: `Take back the plan to ${actionText(one.action)}`,
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
                {twoPersons ? "Lift the two-person rule" : "Require two persons"}
              </button>
            ) : null}
          </div>
        ) : null}
      </section>
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </>
  );
}

interface RequestButtonsProps extends Pick<Props, "environment" | "isPerson"> {
  readonly request: ChangeRequest;
  readonly busy: boolean;
  readonly onApprove: () => void;
  readonly onAsk: (asking: Asking) => void;
}

function RequestButtons(props: RequestButtonsProps) {
  const { environment, request, isPerson, busy, onApprove, onAsk } = props;
  const isStale = request.values?.stale === true;
  return (
    <span class="buttons">
      {isPerson && !request.own && !isStale ? (
        <button class="main" disabled={busy} onClick={onApprove}>
          Approve
          <Named {...request} />
        </button>
      ) : null}
      {feature("PREMIUM_TYPES") && isStale ? (
        <button
          onClick={() =>
            onAsk({
              title: "Ask for it again, in place of the values as they are now",
              verb: "Ask again",
              run: (reason) => askAgain(environment, request, reason),
            })
          }
        >
          Ask again
          <Named {...request} />
        </button>
      ) : null}
      <button
        onClick={() =>
          onAsk({
            title: `${request.own ? "Take back" : "Reject"} the request to ${actionText(request.action)}`,
            verb: request.own ? "Take it back" : "Reject",
            run: (reason) => reject(environment, request.request, reason),
          })
        }
      >
        {request.own ? "Take back" : "Reject"}
        <Named {...request} />
      </button>
    </span>
  );
}

function freezing(environment: Environment): Asking {
  const name = nameOf(environment);
  if (environment.frozen !== null) {
    return { title: `Thaw ${name}`, verb: "Thaw it", run: (why) => thaw(environment, why) };
  }
  return {
    title: `Freeze ${name}`,
    text: "Until it is thawed, an administrator can switch flags off, and nothing else changes: no push, no plan, no approval.",
    verb: "Freeze it",
    run: (why) => freeze(environment, why),
  };
}

function ruling(environment: Environment): Asking {
  if (!environment.twoPersons) {
    const run = (why: string): Promise<unknown> => askForTwo(environment, why);
    return {
      title: `Require two persons for a change of ${nameOf(environment)}`,
      text: "From now on somebody else approves each change of a flag. The rule is lifted by two administrators.",
      verb: "Require two",
      run,
    };
  }
  const action = { kind: "end_two_persons" } as const;
  const run = (reason: string): Promise<unknown> => wish(environment, { action, reason, at: null });
  return {
    title: "Lift the two-person rule, once another administrator has approved",
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
