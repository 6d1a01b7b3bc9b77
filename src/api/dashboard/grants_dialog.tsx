/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import type { Grant, Place } from "./client.ts";
import { FormDialog } from "./forms.tsx";
import { grantOf, RoleSelect, WhereSelect, whereOf } from "./grant_form.tsx";
import type { Person } from "./people_client.ts";
import { ScrollTable } from "./table.tsx";

interface Props {
  readonly person: Person;
  readonly places: readonly Place[];
  readonly onSave: (grants: readonly Grant[]) => Promise<unknown>;
  readonly onClose: () => void;
}

/** What a person may do, as it is and as it shall be. */
export function GrantsDialog({ person, places, onSave, onClose }: Props) {
  const [rows, setRows] = useState(() => person.grants.map((grant, id) => ({ id, grant })));
  const change = (id: number, grant: Grant): void =>
    setRows(rows.map((row) => (row.id === id ? { id, grant } : row)));
  const add = (): void => {
    const id = 1 + Math.max(0, ...rows.map((row) => row.id));
    setRows([...rows, { id, grant: grantOf("reader", "") }]);
  };
  return (
    <FormDialog
      title={`What ${person.name} may do`}
      verb="Save"
      wide
      onSubmit={() => onSave(rows.map(({ grant }) => grant))}
      onClose={onClose}
    >
      {rows.length === 0 ? (
        <p class="quiet">Nothing: {person.name} can sign in, and sees no environment.</p>
      ) : (
        <ScrollTable
          label={`Table of what ${person.name} may do`}
          stacks
          heads={["Role", "Where", <span class="visually-hidden">Remove</span>]}
        >
          {rows.map(({ id, grant }, index) => (
            <tr key={id}>
              <td data-label="Role">
                <RoleSelect
                  aria-label={`Role ${index + 1}`}
                  value={grant.role}
                  onChange={({ currentTarget }) =>
                    change(id, grantOf(currentTarget.value, whereOf(grant)))
                  }
                />
              </td>
              <td data-label="Where">
                <WhereSelect
                  aria-label={`Where ${index + 1}`}
                  places={places}
                  value={whereOf(grant)}
                  onChange={({ currentTarget }) =>
                    change(id, grantOf(grant.role, currentTarget.value))
                  }
                />
              </td>
              <td>
                <button type="button" onClick={() => setRows(rows.filter((row) => row.id !== id))}>
                  Remove<span class="visually-hidden"> role {index + 1}</span>
                </button>
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
      <button type="button" class="add" onClick={add}>
        Add a role
      </button>
    </FormDialog>
  );
}
