/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { type Asking, AskingDialog } from "./asking.tsx";
import { type Place, type Session, UNKNOWN } from "./client.ts";
import { Fault, useAttempts } from "./forms.tsx";
import { GrantsDialog } from "./grants_dialog.tsx";
import { CopyButton } from "./copy_button.tsx";
import { grantPerson, type Person, readPeople, readTokens, type Token } from "./people_client.ts";
import { type PageActs, PeopleSection, TokensSection } from "./people_sections.tsx";

interface Props {
  readonly session: Session;
  readonly places: readonly Place[];
}

/** Who may do what: people with passkeys or identities of a provider, and programs with tokens. */
export function PeoplePage({ session, places }: Props) {
  const [people, setPeople] = useState<readonly Person[]>();
  const [tokens, setTokens] = useState<readonly Token[]>([]);
  const { fault, attempt } = useAttempts();
  const [secret, setSecret] = useState<{ readonly about: string; readonly text: string }>();
  const [asking, setAsking] = useState<Asking>();
  const [granting, setGranting] = useState<Person>();
  const read = async (): Promise<void> => {
    const [newPeople, newTokens] = await Promise.all([readPeople(), readTokens()]);
    setPeople(newPeople);
    setTokens(newTokens);
  };
  useEffect(() => {
    // What is not known stays said, whatever comes of this.
    const readAgain = (): void => void read().catch(() => undefined);
    addEventListener(UNKNOWN, readAgain);
    void attempt(read);
    return () => removeEventListener(UNKNOWN, readAgain);
  }, []);
  const acts: PageActs = {
    act: (work) => void attempt(() => work().then(read)),
    ask: ({ run, ...asked }) =>
      setAsking({ ...asked, isSilent: true, run: (reason) => run(reason).then(read) }),
    show: (about, text) => setSecret({ about, text }),
  };
  return (
    <main>
      <Fault text={fault} />
      {session.actor.startsWith("token:") && people !== undefined ? (
        <p class="card">
          {people.some(canAdminister)
            ? "You are signed in with a token, which approves nothing. Sign in as yourself for that."
            : "You are signed in with a token. Add yourself with the role admin and open your invitation: the token of the first start then ends."}
        </p>
      ) : null}
      <p class="card" role="status">
        {secret === undefined ? null : (
          <>
            {secret.about}, shown this once: <code class="secret">{secret.text}</code>{" "}
            <CopyButton key={secret.text} text={secret.text} what={secret.about} />
          </>
        )}
      </p>
      {people === undefined ? null : (
        <>
          <PeopleSection people={people} places={places} onGrant={setGranting} {...acts} />
          <TokensSection tokens={tokens} places={places} {...acts} />
        </>
      )}
      {granting === undefined ? null : (
        <GrantsDialog
          person={granting}
          places={places}
          onSave={(grants) => grantPerson(granting.person, grants).then(read)}
          onClose={() => setGranting(undefined)}
        />
      )}
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </main>
  );
}

/** Whether somebody can do everything here without a token. */
function canAdminister({ grants, passkeys, identities }: Person): boolean {
  const isAdmin = grants.some(({ role, project }) => role === "admin" && project === null);
  return isAdmin && passkeys.length + identities.length > 0;
}
