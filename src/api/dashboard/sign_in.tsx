/** @jsxImportSource preact */
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Session } from "./client.ts";
import { Fault, textOf, useAttempts } from "./forms.tsx";
import {
  acceptInvitation,
  goToProvider,
  providerProblem,
  readProvider,
  signInByPasskey,
  signInByToken,
} from "./sign_in_client.ts";

const ENDED = "Your session has ended. Sign in again.";

interface Props {
  /** Of the address that was opened. */
  readonly invitation: string | undefined;
  /** Whoever was signed in here is no longer, without having asked for it. */
  readonly hasEnded: boolean;
  readonly onDone: (session: Session) => void;
}

export function SignIn({ invitation, hasEnded, onDone }: Props) {
  const { fault, busy, attempt } = useAttempts();
  const [provider, setProvider] = useState<string | null>(null);
  const [returned] = useState(() => providerProblem(location.hash));
  useEffect(() => void readProvider().then(setProvider, () => setProvider(null)), []);
  useLayoutEffect(() => {
    // It is said once: a reload, or signing out, has nothing to do with it. Before it is seen: a
    // reload right then says it no second time.
    if (returned !== undefined) history.replaceState(null, "", "/");
  }, [returned]);
  const signIn = (work: () => Promise<Session>): void =>
    void attempt(async () => onDone(await work()));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    signIn(() => signInByToken(textOf(data, "secret").trim()));
  };
  return (
    <main>
      <div class="sign-in">
        <h1>immuconfig</h1>
        <Fault text={fault === "" ? (returned ?? (hasEnded ? ENDED : "")) : fault} />
        {invitation === undefined ? (
          <button class="main" disabled={busy} onClick={() => signIn(signInByPasskey)}>
            Sign in with a passkey
          </button>
        ) : (
          <>
            <p>
              You are invited. A passkey of this device, or of your key, signs you in from now on.
            </p>
            <button
              class="main"
              disabled={busy}
              onClick={() => signIn(() => acceptInvitation(invitation))}
            >
              Create a passkey
            </button>
          </>
        )}
        {provider === null ? null : (
          <button disabled={busy} onClick={() => void attempt(() => goToProvider(invitation))}>
            Sign in with {provider}
          </button>
        )}
        <form onSubmit={submit}>
          <label>
            Token
            <input name="secret" type="password" autocomplete="off" required />
          </label>
          <p class="quiet">
            The first one was printed when the server ran for the first time, and ends when an
            administrator can sign in without it. Programs get theirs from an administrator.
          </p>
          <button disabled={busy}>Sign in with the token</button>
        </form>
      </div>
    </main>
  );
}
