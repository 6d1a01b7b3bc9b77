/** @jsxImportSource preact */
import { feature } from "bun:bundle";
import { Fragment, type VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { shareText, WHOLE_SHARE } from "../../base/shares.ts";
import { addressOf, keepSought, soughtHere } from "./address.ts";
import { type Environment, type Flag, nameOf } from "./client.ts";
import { Command } from "./command.tsx";
import { useFew } from "./few.tsx";
import { actOn, actText, type FlagAct } from "./flag_acts.ts";
import { NamedButton } from "./named_button.tsx";
import { ScrollTable } from "./table.tsx";
import { VariantsText } from "./variants_dialog.tsx";
import { dateText } from "./words.ts";

/** As many as are seen at a glance, and as are read at all. */
const GLANCE = 12;
const FEW = 50;
/** As people count: FLAG_2 before FLAG_10. */
const NAMES = new Intl.Collator("en", { numeric: true });

interface Props {
  readonly environment: Environment;
  readonly canSwitch: boolean;
  readonly isAdmin: boolean;
  readonly onSwitch: (flag: Flag, act: FlagAct) => void;
  readonly onEdit: (flag: Flag) => void;
}

export function FlagTable({ environment, canSwitch, isAdmin, onSwitch, onEdit }: Props) {
  const [sought, setSought] = useSought();
  const used = useMemo(() => usedByName(environment.flags), [environment.flags]);
  const found = used.filter((flag) => isSought(flag, sought));
  const { shown, button } = useFew(found, FEW, "flags");
  const isFrozen = environment.frozen !== null;
  const rowOf = useRows([canSwitch, isAdmin, isFrozen], (flag) => (
    <FlagRow
      key={flag.name}
      flag={flag}
      canSwitch={canSwitch}
      isFrozen={isFrozen}
      act={actOn(flag, environment, isAdmin)}
      onSwitch={onSwitch}
      onEdit={onEdit}
    />
  ));
  if (used.length === 0) {
    return (
      <p class="quiet">
        No flags yet. Push a record from its checkout: <Command words="push" place={environment} />
      </p>
    );
  }
  return (
    <div class="flags">
      {used.length > GLANCE || sought !== "" ? (
        <div class="find">
          <label>
            Find a flag
            <input
              type="search"
              autocomplete="off"
              value={sought}
              onInput={({ currentTarget: { value } }) => {
                setSought(value);
                keepSought(nameOf(environment), value);
              }}
            />
          </label>
          <span class="quiet" role="status">
            {found.length} of {used.length}
          </span>
        </div>
      ) : null}
      {used.length > GLANCE ? <Switched flags={used} place={nameOf(environment)} /> : null}
      <ScrollTable
        label="Table of flags"
        stacks
        heads={["Flag", "Owner", "Expires", "Record", "Now", ...(canSwitch ? ["Switch"] : [])]}
      >
        {shown.map(rowOf)}
      </ScrollTable>
      {button}
    </div>
  );
}

/** What the address says, also where a link or the way back leads to another flag of the same page. */
function useSought(): [string, (text: string) => void] {
  const [sought, setSought] = useState(soughtHere);
  useEffect(() => {
    const follow = (): void => setSought(soughtHere());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return [sought, setSought];
}

/** In the record they stand in the order of their bits, which says nothing to people. */
function usedByName(flags: readonly Flag[]): readonly Flag[] {
  return flags.filter(({ retired }) => !retired).toSorted((a, b) => NAMES.compare(a.name, b.name));
}

/**
 * A row is made anew only where its flag has changed: of a thousand, nearly none have.
 *
 * @param others on which, with the flag and the day, a row depends
 */
function useRows(others: readonly boolean[], make: (flag: Flag) => VNode): (flag: Flag) => VNode {
  const made = useRef(new Map<string, { readonly of: string; readonly row: VNode }>());
  return (flag) => {
    const of = JSON.stringify([today(), others, flag]);
    const known = made.current.get(flag.name);
    if (known?.of === of) return known.row;
    const row = make(flag);
    made.current.set(flag.name, { of, row });
    return row;
  };
}

/** In UTC, as the days of a record are. */
function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Which flags are not as the record says, where the table is too long to see that. */
function Switched({ flags, place }: { readonly flags: readonly Flag[]; readonly place: string }) {
  const switched = flags.filter(({ override }) => override !== null);
  if (switched.length === 0) return <p class="quiet">All are as the record says.</p>;
  return (
    <p class="quiet">
      Switched:{" "}
      {switched.map(({ name }, index) => (
        <Fragment key={name}>
          {index === 0 ? "" : ", "}
          <a href={addressOf(place, name)}>{name}</a>
        </Fragment>
      ))}
      .
    </p>
  );
}

interface RowProps extends Pick<Props, "canSwitch" | "onSwitch" | "onEdit"> {
  readonly flag: Flag;
  readonly isFrozen: boolean;
  /** What the button does. */
  readonly act: FlagAct | null;
}

function FlagRow({ flag, canSwitch, isFrozen, act, onSwitch, onEdit }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <span class="name">{flag.name}</span>
        <div class="quiet">{flag.description}</div>
      </th>
      <td>{flag.owner ?? "–"}</td>
      <td>
        <Expiry flag={flag} />
      </td>
      <td>
        <State enabled={flag.recorded} />
      </td>
      <td>
        <State enabled={flag.enabled} />
        <OverrideText flag={flag} />
        {feature("PREMIUM_TYPES") ? <VariantsText flag={flag} /> : null}
      </td>
      {canSwitch ? (
        <td>
          <div class="buttons">
            {act === null ? (
              <span class="quiet">{isFrozen ? "frozen" : "by the record alone"}</span>
            ) : (
              <NamedButton
                verb={actText(act)}
                name={flag.name}
                onClick={() => onSwitch(flag, act)}
              />
            )}
            {feature("PREMIUM_TYPES") && !isFrozen ? (
              <NamedButton verb="Values" name={`of ${flag.name}`} onClick={() => onEdit(flag)} />
            ) : null}
          </div>
        </td>
      ) : null}
    </tr>
  );
}

/** By its name, its owner, or what it is for. */
function isSought({ name, owner, description }: Flag, text: string): boolean {
  const words = text.toLowerCase().trim();
  return [name, owner, description].some((one) => one?.toLowerCase().includes(words) === true);
}

function State({ enabled }: { enabled: boolean }) {
  return <span class={enabled ? "state on" : "state"}>{enabled ? "on" : "off"}</span>;
}

function OverrideText({ flag: { override } }: { flag: Flag }) {
  if (override === null) return null;
  const { enabled, until, reason, rollout } = override;
  const reached = rollout?.shares[rollout.step];
  const wave =
    reached === undefined || reached === WHOLE_SHARE
      ? ""
      : `${enabled ? "on" : "off"} for ${shareText(reached)}: `;
  const end = until === null ? "" : `, until ${dateText(until)}`;
  return (
    <div class="quiet">
      {wave}
      {reason}
      {end}
    </div>
  );
}

/** A flag past its day is stale: the command that retires it stands beside it. */
function Expiry({ flag: { name, expires } }: { flag: Flag }) {
  if (expires === null) return <>–</>;
  if (expires >= today()) return <>{expires}</>;
  return (
    <>
      <span class="warn">{expires}, stale</span>
      <div class="quiet">
        <code>immuconfig feature retire {name}</code>
      </div>
    </>
  );
}
