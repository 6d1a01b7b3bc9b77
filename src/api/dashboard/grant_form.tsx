/** @jsxImportSource preact */
import type { Grant, Place, Role } from "./client.ts";
import type { SelectHTMLAttributes } from "preact";
import { textOf } from "./forms.tsx";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

const DAY = 24 * 60 * 60 * 1000;
const ENDS = [
  { text: "Not by itself", days: null },
  { text: "In 30 days", days: 30 },
  { text: "In 90 days", days: 90 },
  { text: "In a year", days: 365 },
] as const;

interface Added {
  readonly name: string;
  readonly grant: Grant;
  /** Milliseconds since 1970; null for what has no end. */
  readonly expires: number | null;
}

interface GrantFormProps {
  /** A token may have an end. */
  readonly what: "person" | "token";
  readonly places: readonly Place[];
  readonly onAdd: (added: Added) => void;
}

/** A name, and what whoever has it may do where. */
export function GrantForm({ what, places, onAdd }: GrantFormProps) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const days = ENDS[Number(data.get("end"))]?.days ?? null;
    onAdd({
      name: textOf(data, "name"),
      grant: grantOf(textOf(data, "role"), textOf(data, "where")),
      expires: days === null ? null : Date.now() + days * DAY,
    });
    form.reset();
  };
  return (
    <form class="line" aria-label={`Add a ${what}`} onSubmit={submit}>
      <label>
        Name of the {what}
        <input name="name" required maxLength={200} autocomplete="off" />
      </label>
      <label>
        Role
        <RoleSelect name="role" />
      </label>
      <label>
        Where
        <WhereSelect name="where" places={places} />
      </label>
      {what === "token" ? (
        <label>
          Ends
          <select name="end">
            {ENDS.map(({ text }, index) => (
              <option key={text} value={index}>
                {text}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <button class="main">Add the {what}</button>
    </form>
  );
}

type SelectProps = SelectHTMLAttributes;

export function RoleSelect(props: SelectProps) {
  return (
    <select {...props}>
      {ROLES.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  );
}

export function WhereSelect({
  places,
  ...props
}: SelectProps & { readonly places: readonly Place[] }) {
  const projects = [...new Set(places.map(({ project }) => project))];
  const names = places.map(({ project, environment }) => `${project}/${environment}`);
  return (
    <select {...props}>
      <option value="">everywhere</option>
      {[...projects, ...names].toSorted().map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

/** @param where `project/environment`, `project`, or nothing for everywhere */
export function grantOf(role: string, where: string): Grant {
  const [project = null, environment = null] = where.split("/").filter(Boolean);
  return { role: ROLES.find((one) => one === role) ?? "reader", project, environment };
}

/** As `grantOf` takes it. */
export function whereOf({ project, environment }: Grant): string {
  return [project, environment].filter((part) => part !== null).join("/");
}
