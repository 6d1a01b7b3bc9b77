/** @jsxImportSource preact */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { choose, nameHere } from "./address.ts";
import {
  may,
  nameOf,
  type Place,
  readPlaces,
  readSession,
  type Session,
  SIGNED_OUT,
  signOut,
} from "./client.ts";
import { CopyButton } from "./copy_button.tsx";
import { EnvironmentPage } from "./environment_page.tsx";
import { Fault, useAttempts } from "./forms.tsx";
import { PeoplePage } from "./people_page.tsx";
import { SignIn } from "./sign_in.tsx";

/** No environment has this name: theirs have a slash. */
const PEOPLE = "people";
/** Milliseconds between two looks for an environment, where there is none. */
const PLACES_MS = 5000;
const INVITATION = /^#invite=([\w-]+)$/;

function App() {
  const [session, setSession] = useState<Session | null>();
  const [hasEnded, setHasEnded] = useState(false);
  const [invitation, setInvitation] = useState(invitationHere);
  useEffect(() => {
    readSession().then(setSession, () => setSession(null));
    const invite = (): void => setInvitation(invitationHere());
    const end = (): void =>
      setSession((seen) => {
        if (seen !== undefined && seen !== null) setHasEnded(true);
        return null;
      });
    addEventListener("hashchange", invite);
    addEventListener(SIGNED_OUT, end);
    return () => {
      removeEventListener("hashchange", invite);
      removeEventListener(SIGNED_OUT, end);
    };
  }, []);
  if (session === undefined) {
    return (
      <main>
        <h1 class="visually-hidden">immuconfig</h1>
        <Reading />
      </main>
    );
  }
  if (session !== null && invitation === undefined) {
    return <Places session={session} onEnd={() => setSession(null)} />;
  }
  const done = (signedIn: Session): void => {
    // A secret has no business in the history.
    if (invitation !== undefined) history.replaceState(null, "", "/");
    setInvitation(undefined);
    setHasEnded(false);
    setSession(signedIn);
  };
  return <SignIn invitation={invitation} hasEnded={hasEnded} onDone={done} />;
}

function invitationHere(): string | undefined {
  return INVITATION.exec(location.hash)?.[1];
}

function Places({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const { places, fault } = usePlaces();
  const [name, setName] = useState(nameHere);
  useEffect(() => {
    // Also where the browser goes back.
    const follow = (): void => setName(nameHere());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const isAdmin = may(session, "admin", null);
  const place = places?.find((one) => nameOf(one) === name) ?? places?.[0];
  const shown = isAdmin && name === PEOPLE ? "People" : place === undefined ? "" : nameOf(place);
  useEffect(() => {
    document.title = shown === "" ? "immuconfig" : `${shown} · immuconfig`;
  }, [shown]);
  return (
    <>
      <header>
        <h1>immuconfig</h1>
        {places === undefined || places.length === 0 ? null : (
          <label>
            <span class="visually-hidden">Environment</span>
            <select
              value={name === PEOPLE ? "" : place === undefined ? "" : nameOf(place)}
              onChange={(event) => choose(event.currentTarget.value)}
            >
              {name === PEOPLE ? <option value="">Environment…</option> : null}
              {places.map((one) => (
                <option key={nameOf(one)}>{nameOf(one)}</option>
              ))}
            </select>
          </label>
        )}
        {isAdmin ? (
          <button aria-pressed={name === PEOPLE} onClick={() => choose(PEOPLE)}>
            People
          </button>
        ) : null}
        <div class="who">
          <span class="quiet">{roleText(session, place)}</span>
          <button onClick={() => void signOut().finally(onEnd)}>Sign out</button>
        </div>
      </header>
      {places === undefined ? (
        <main>
          <Fault text={fault} />
          {fault === "" ? <Reading /> : null}
        </main>
      ) : isAdmin && name === PEOPLE ? (
        <PeoplePage session={session} places={places} />
      ) : place === undefined ? (
        <Empty isAdmin={isAdmin} />
      ) : (
        <EnvironmentPage key={nameOf(place)} place={place} session={session} />
      )}
    </>
  );
}

function Reading() {
  return <p class="quiet late">Reading…</p>;
}

/** Every environment that the session reaches: others make them, in their checkouts. */
function usePlaces(): { readonly places: readonly Place[] | undefined; readonly fault: string } {
  const [places, setPlaces] = useState<readonly Place[]>();
  const { fault, attempt } = useAttempts();
  const waits = places === undefined || places.length === 0;
  useEffect(() => {
    const read = (): void => void attempt(async () => setPlaces(await readPlaces()));
    if (places === undefined) read();
    const timer = waits ? setInterval(read, PLACES_MS) : undefined;
    addEventListener("focus", read);
    return () => {
      clearInterval(timer);
      removeEventListener("focus", read);
    };
  }, [waits]);
  return { places, fault };
}

function Empty({ isAdmin }: { readonly isAdmin: boolean }) {
  if (!isAdmin) {
    return (
      <main>
        <section>
          <h2>No environment yet</h2>
          <p>Nothing is shown to you here. Ask an administrator for a role in an environment.</p>
        </section>
      </main>
    );
  }
  const lines = [
    `export IMMUCONFIG_SERVER=${location.origin}`,
    "export IMMUCONFIG_TOKEN=imm_…",
    "bunx immuconfig push --create --env live",
  ].join("\n");
  return (
    <main>
      <section>
        <h2>No environment yet</h2>
        <p>
          Create one from a checkout. It needs a token of its own with the role admin, which you add
          under People:
        </p>
        <pre>{lines}</pre>
        <p class="buttons">
          <CopyButton text={lines} what="the commands" />
        </p>
        <p class="quiet">It is shown here as soon as it is there.</p>
      </section>
    </main>
  );
}

function roleText(session: Session, place: Place | undefined): string {
  const role = (["admin", "writer", "reader"] as const).find((one) =>
    may(session, one, place ?? null),
  );
  return role === undefined ? session.name : `${session.name}, ${role}`;
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
