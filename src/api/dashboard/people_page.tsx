/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { type Asking, AskingDialog } from "./asking.tsx";
import type { Place, Session } from "./client.ts";
import { Fault, useAttempts } from "./forms.tsx";
import { type Person, readPeople, readTokens, type Token } from "./people_client.ts";
import { type PageActs, PeopleSection, TokensSection } from "./people_sections.tsx";

interface Props {
  readonly session: Session;
  readonly places: readonly Place[];
}

/** Who may do what: people with passkeys or identities of a provider, and programs with tokens. */
export function PeoplePage({ session, places }: Props) {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [tokens, setTokens] = useState<readonly Token[]>([]);
  const { fault, attempt } = useAttempts();
  const [secret, setSecret] = useState<{ readonly about: string; readonly text: string }>();
  const [asking, setAsking] = useState<Asking>();
  const read = async (): Promise<void> => {
    setPeople(await readPeople());
    setTokens(await readTokens());
  };
  useEffect(() => void attempt(read), []);
  const acts: PageActs = {
    act: (work) => void attempt(() => work().then(read)),
    ask: ({ run, ...asked }) => setAsking({ ...asked, run: (reason) => run(reason).then(read) }),
    show: (about, text) => setSecret({ about, text }),
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
      <PeopleSection people={people} places={places} {...acts} />
      <TokensSection tokens={tokens} places={places} {...acts} />
      <AskingDialog asking={asking} onClose={() => setAsking(undefined)} />
    </main>
  );
}
