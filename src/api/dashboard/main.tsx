/** @jsxImportSource preact */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Place, readPlaces, readSession, type Session, signOut } from "./client.ts";
import { EnvironmentPage } from "./environment_page.tsx";
import { SignIn } from "./sign_in.tsx";

function App() {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    readSession().then(setSession, () => setSession(null));
  }, []);
  if (session === undefined) return null;
  if (session === null) return <SignIn onDone={setSession} />;
  return <Places session={session} onEnd={() => setSession(null)} />;
}

function Places({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const [name, setName] = useState(location.hash.slice(1));
  useEffect(() => {
    readPlaces(session).then(setPlaces, () => onEnd());
  }, [session]);
  const place = places.find((one) => nameOf(one) === name) ?? places[0];
  const choose = (chosen: string): void => {
    location.hash = chosen;
    setName(chosen);
  };
  return (
    <>
      <header>
        <h1>immuconfig</h1>
        <label>
          <span class="visually-hidden">Environment</span>
          <select
            value={place === undefined ? "" : nameOf(place)}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            {places.map((one) => (
              <option key={nameOf(one)}>{nameOf(one)}</option>
            ))}
          </select>
        </label>
        <span class="quiet push">
          {session.name}, {session.role}
        </span>
        <button onClick={() => void signOut().finally(onEnd)}>Sign out</button>
      </header>
      {place === undefined ? (
        <main>
          <section>
            <h2>No environment yet</h2>
            <p>
              Create one from a checkout: <code>immuconfig push --project NAME --env NAME</code>
            </p>
          </section>
        </main>
      ) : (
        <EnvironmentPage key={nameOf(place)} place={place} canSwitch={session.role !== "reader"} />
      )}
    </>
  );
}

function nameOf({ project, environment }: Place): string {
  return `${project}/${environment}`;
}

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
