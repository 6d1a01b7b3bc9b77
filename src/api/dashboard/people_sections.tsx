/** @jsxImportSource preact */
import type { Asking } from "./asking.tsx";
import type { Grant, Place } from "./client.ts";
import { GrantForm } from "./grant_form.tsx";
import {
  addPerson,
  addToken,
  invitePerson,
  type Person,
  removeIdentity,
  removePasskey,
  removePerson,
  revokeToken,
  type Token,
} from "./people_client.ts";
import { NamedButton } from "./named_button.tsx";
import { ScrollTable } from "./table.tsx";
import { dateText } from "./words.ts";

/** What a section has its page do. */
export interface PageActs {
  /** Does something, and reads all anew. */
  readonly act: (work: () => Promise<void>) => void;
  /** Asks before something is taken away. */
  readonly ask: (asking: Asking & { readonly text: string }) => void;
  /** Shows a secret, this once. */
  readonly show: (about: string, secret: string) => void;
}

interface PeopleSectionProps extends PageActs {
  readonly people: readonly Person[];
  readonly places: readonly Place[];
  /** Asks what a person may do from now on. */
  readonly onGrant: (person: Person) => void;
}

export function PeopleSection(props: PeopleSectionProps) {
  const { people, places, act, ask, show, onGrant } = props;
  const showInvitation = (name: string, invitation: string): void =>
    show(
      `The invitation of ${name}, for one sign-in to be added within three days`,
      `${location.origin}/#invite=${invitation}`,
    );
  return (
    <section aria-labelledby="people">
      <h2 id="people">People</h2>
      <PeopleTable
        people={people}
        onGrant={onGrant}
        onInvite={({ name, person }) =>
          act(async () => showInvitation(name, await invitePerson(person)))
        }
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
        onAdd={({ name, grant }) =>
          act(async () => showInvitation(name, await addPerson(name, grant)))
        }
      />
    </section>
  );
}

interface TokensSectionProps extends PageActs {
  readonly tokens: readonly Token[];
  readonly places: readonly Place[];
}

export function TokensSection({ tokens, places, act, ask, show }: TokensSectionProps) {
  return (
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
        onAdd={({ name, grant, expires }) =>
          act(async () => show(`The token ${name}`, await addToken(name, grant, expires)))
        }
      />
    </section>
  );
}

interface PeopleTableProps {
  readonly people: readonly Person[];
  readonly onGrant: (person: Person) => void;
  readonly onInvite: (person: Person) => void;
  readonly onRemove: (person: Person) => void;
  readonly onRemoveWay: (person: Person, way: Way) => void;
}

/** One of those in which a person signs in. */
interface Way {
  readonly name: string;
  readonly remove: () => Promise<void>;
}

function PeopleTable(props: PeopleTableProps) {
  const { people, onGrant, onInvite, onRemove, onRemoveWay } = props;
  if (people.length === 0) return <p class="quiet">Nobody yet.</p>;
  return (
    <ScrollTable
      label="Table of people"
      stacks
      heads={["Name", "May", "Passkeys", "Identities", "Change"]}
    >
      {people.map((one) => (
        <tr key={one.person}>
          <th scope="row">{one.name}</th>
          <td data-label="May">{one.grants.map(grantText).join(", ") || "–"}</td>
          <td data-label="Passkeys">
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
          <td data-label="Identities">
            <Ways
              ways={one.identities.map(({ identity, issuer, subject }) => ({
                name: `${subject} at ${issuer}`,
                remove: () => removeIdentity(one.person, identity),
              }))}
              onRemove={(way) => onRemoveWay(one, way)}
            />
          </td>
          <td>
            <div class="buttons">
              <NamedButton verb="Roles" name={`of ${one.name}`} onClick={() => onGrant(one)} />
              <NamedButton verb="Invite again" name={one.name} onClick={() => onInvite(one)} />
              <NamedButton verb="Remove" name={one.name} onClick={() => onRemove(one)} />
            </div>
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
  if (ways.length === 0) return <>–</>;
  return (
    <ul class="ways">
      {ways.map((way) => (
        <li key={way.name}>
          {way.name} <NamedButton verb="Remove" name={way.name} onClick={() => onRemove(way)} />
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
    <ScrollTable label="Table of tokens" stacks heads={["Name", "May", "Ends", "Change"]}>
      {tokens.map((one) => (
        <tr key={one.token}>
          <th scope="row">{one.name}</th>
          <td data-label="May">{grantText(one)}</td>
          <td data-label="Ends" class="short">
            {one.expires === null ? "–" : dateText(one.expires)}
          </td>
          <td>
            <NamedButton verb="Revoke" name={one.name} onClick={() => onRevoke(one)} />
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

function grantText({ role, project, environment }: Grant): string {
  if (project === null) return `${role} everywhere`;
  return environment === null ? `${role} in ${project}` : `${role} in ${project}/${environment}`;
}
