/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { type Asking, AskingDialog } from "./asking.tsx";
import type { Grant, Place, Role, Session } from "./client.ts";
import { Fault, textOf, useAttempts } from "./forms.tsx";
import {
  addPerson,
  addToken,
  invitePerson,
  type Person,
  readPeople,
  readTokens,
  removeIdentity,
  removePasskey,
  removePerson,
  revokeToken,
  type Token,
} from "./people_client.ts";
import { ScrollTable } from "./table.tsx";
import { dateText } from "./words.ts";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

interface Props {
  readonly session: Session;
  readonly places: readonly Place[];
}

/** Who may do what: people with passkeys or identities of a provider, and programs with tokens. */
export function PeoplePage({ session, places }: Props) {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [tokens, setTokens] = useState<readonly Token[]>([]);
  const { fault, attempt } = useAttempts();
  /** Shown this once. */
  const [secret, setSecret] = useState<{ readonly about: string; readonly text: string }>();
  const [asking, setAsking] = useState<Asking>();
  const read = async (): Promise<void> => {
    setPeople(await readPeople());
    setTokens(await readTokens());
  };
  const act = (work: () => Promise<void>): Promise<boolean> =>
    attempt(async () => {
      await work();
      await read();
    });
  useEffect(() => void attempt(read), []);
  /** Asks before something is taken away. */
  const ask = ({ run, ...asked }: Asking & { readonly text: string }): void =>
    setAsking({
      ...asked,
      async run(reason) {
        await run(reason);
        await read();
      },
    });
  const show = (name: string, invitation: string): void => {
    const text = `${location.origin}/#invite=${invitation}`;
    setSecret({
      about: `The invitation of ${name}, for one sign-in to be added within three days`,
      text,
    });
  };
  return (
    <main>
      <Fault text={fault} />
      {session.actor.startsWith("token:") ? (
        <p class="card">
          You are signed in with a token. Add yourself with the role admin and open your invitation:
          the token of the first start then ends.
        </p>
      ) : null}
      <p class="card" role="status">
        {secret === undefined ? null : (
          <>
            {secret.about}, shown this once: <code class="secret">{secret.text}</code>
          </>
        )}
      </p>
      <section aria-labelledby="people">
        <h2 id="people">People</h2>
        <PeopleTable
          people={people}
          onInvite={(one) => void act(async () => show(one.name, await invitePerson(one.person)))}
          onRemoveWay={(one, way) =>
            ask({
              title: `Remove ${way.name} of ${one.name}`,
              text: "Nobody can sign in with it any more, and what was signed in with it ends at once.",
              verb: "Remove",
              run: way.remove,
            })
          }
          onRemove={(one) =>
            ask({
              title: `Remove ${one.name}`,
              text: "Their passkeys, identities and sessions end at once. The history keeps their name.",
              verb: "Remove",
              run: () => removePerson(one.person),
            })
          }
        />
        <GrantForm
          what="person"
          places={places}
          onAdd={(name, grant) => void act(async () => show(name, await addPerson(name, grant)))}
        />
      </section>
      <section aria-labelledby="tokens">
        <h2 id="tokens">Tokens</h2>
        <TokenTable
          tokens={tokens}
          onRevoke={(one) =>
            ask({
              title: `Revoke the token ${one.name}`,
              text: "Programs that use it are refused at once, and their event streams end.",
              verb: "Revoke",
              run: () => revokeToken(one.token),
            })
          }
        />
        <GrantForm
          what="token"
          places={places}
          onAdd={(name, grant) =>
            void act(async () => {
              setSecret({ about: `The token ${name}`, text: await addToken(name, grant) });
            })
          }
        />
      </section>
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </main>
  );
}

interface PeopleTableProps {
  readonly people: readonly Person[];
  readonly onInvite: (person: Person) => void;
  readonly onRemove: (person: Person) => void;
  readonly onRemoveWay: (person: Person, way: Way) => void;
}

/** One of those in which a person signs in. */
interface Way {
  readonly name: string;
  readonly remove: () => Promise<void>;
}

function PeopleTable({ people, onInvite, onRemove, onRemoveWay }: PeopleTableProps) {
  if (people.length === 0) return <p class="quiet">Nobody yet.</p>;
  return (
    <ScrollTable
      label="Table of people"
      heads={["Name", "May", "Passkeys", "Identities", "Change"]}
    >
      {people.map((one) => (
        <tr key={one.person}>
          <th scope="row">{one.name}</th>
          <td>{one.grants.map(grantText).join(", ")}</td>
          <td>
            <Ways
              ways={one.passkeys.map(({ passkey, created }) => ({
                name: `the passkey of ${dateText(created)}`,
                remove: () => removePasskey(one.person, passkey),
              }))}
              onRemove={(way) => onRemoveWay(one, way)}
            />
            {one.invitedUntil === null ? null : (
              <div class="quiet">invited until {dateText(one.invitedUntil)}</div>
            )}
          </td>
          <td>
            <Ways
              ways={one.identities.map(({ identity, issuer, subject }) => ({
                name: `${subject} at ${issuer}`,
                remove: () => removeIdentity(one.person, identity),
              }))}
              onRemove={(way) => onRemoveWay(one, way)}
            />
          </td>
          <td class="buttons">
            <button onClick={() => onInvite(one)}>
              Invite again<span class="visually-hidden"> {one.name}</span>
            </button>
            <button onClick={() => onRemove(one)}>
              Remove<span class="visually-hidden"> {one.name}</span>
            </button>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

interface WaysProps {
  readonly ways: readonly Way[];
  readonly onRemove: (way: Way) => void;
}

/** Each with a button: one that was lost goes, and the others stay. */
function Ways({ ways, onRemove }: WaysProps) {
  if (ways.length === 0) return null;
  return (
    <ul class="ways">
      {ways.map((way) => (
        <li key={way.name}>
          {way.name}{" "}
          <button onClick={() => onRemove(way)}>
            Remove<span class="visually-hidden"> {way.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface TokenTableProps {
  readonly tokens: readonly Token[];
  readonly onRevoke: (token: Token) => void;
}

function TokenTable({ tokens, onRevoke }: TokenTableProps) {
  if (tokens.length === 0) return <p class="quiet">None.</p>;
  return (
    <ScrollTable label="Table of tokens" heads={["Name", "May", "Ends", "Change"]}>
      {tokens.map((one) => (
        <tr key={one.token}>
          <th scope="row">{one.name}</th>
          <td>{grantText(one)}</td>
          <td>{one.expires === null ? "–" : dateText(one.expires)}</td>
          <td>
            <button onClick={() => onRevoke(one)}>
              Revoke<span class="visually-hidden"> {one.name}</span>
            </button>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

interface GrantFormProps {
  readonly what: "person" | "token";
  readonly places: readonly Place[];
  readonly onAdd: (name: string, grant: Grant) => void;
}

function GrantForm({ what, places, onAdd }: GrantFormProps) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const role = ROLES.find((one) => one === textOf(data, "role")) ?? "reader";
    const [project = null, environment = null] = textOf(data, "where").split("/").filter(Boolean);
    onAdd(textOf(data, "name"), { role, project, environment });
    form.reset();
  };
  const projects = [...new Set(places.map(({ project }) => project))];
  const names = places.map(({ project, environment }) => `${project}/${environment}`);
  return (
    <form class="line" aria-label={`Add a ${what}`} onSubmit={submit}>
      <label>
        Name of the {what}
        <input name="name" required maxLength={200} autocomplete="off" />
      </label>
      <label>
        Role
        <select name="role">
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      <label>
        Where
        <select name="where">
          <option value="">everywhere</option>
          {[...projects, ...names].toSorted().map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button class="main">Add the {what}</button>
    </form>
  );
}

function grantText({ role, project, environment }: Grant): string {
  if (project === null) return `${role} everywhere`;
  return environment === null ? `${role} in ${project}` : `${role} in ${project}/${environment}`;
}
