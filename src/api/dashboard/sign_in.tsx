/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { textOf } from "./forms.ts";
import { type Session, signIn } from "./client.ts";

export function SignIn({ onDone }: { onDone: (session: Session) => void }) {
  const [fault, setFault] = useState("");
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      onDone(await signIn(textOf(data, "secret").trim()));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <main>
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <h1>immuconfig</h1>
        <label>
          Token
          <input name="secret" type="password" autocomplete="current-password" required />
        </label>
        <p class="quiet">
          The first one was printed when the server ran for the first time; further ones come from
          an administrator.
        </p>
        <p class="bad" role="alert">
          {fault}
        </p>
        <button class="main">Sign in</button>
      </form>
    </main>
  );
}
