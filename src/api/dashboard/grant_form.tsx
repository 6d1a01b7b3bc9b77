/** @jsxImportSource preact */
import type { Grant, Place, Role } from "./client.ts";
import { textOf } from "./forms.tsx";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

interface GrantFormProps {
  readonly what: "person" | "token";
  readonly places: readonly Place[];
  readonly onAdd: (name: string, grant: Grant) => void;
}

/** A name, and what whoever has it may do where. */
export function GrantForm({ what, places, onAdd }: GrantFormProps) {
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
