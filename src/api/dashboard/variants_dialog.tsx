/** @jsxImportSource preact */
import { useState } from "preact/hooks";
import { needsApproval, wish } from "./change_client.ts";
import { FormDialog, Reason, textOf } from "./forms.tsx";
import { VALUE_TYPES, type ValueType } from "../../base/values_words.ts";
import { type Environment, type Flag, type Variants } from "./client.ts";
import { Meanwhile } from "./meanwhile.tsx";
import { ScrollTable } from "./table.tsx";
import { timeOf, When } from "./when.tsx";

/** One variant as it is typed. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly value: string;
  readonly weight: string;
}

const PLAIN: Variants = {
  type: "string",
  variants: [
    { name: "control", value: "" },
    { name: "treatment", value: "" },
  ],
  off: "control",
  rollout: [
    { variant: "control", weight: 50 },
    { variant: "treatment", weight: 50 },
  ],
};

interface Props {
  readonly environment: Environment;
  readonly flag: Flag;
  readonly onClose: () => void;
}

/** The values of a flag, and who gets which. */
export function VariantsDialog({ environment, flag, onClose }: Props) {
  const kept = flag.variants ?? null;
  const asks = needsApproval(environment);
  const [type, setType] = useState<ValueType>((kept ?? PLAIN).type);
  const [rows, setRows] = useState(() => rowsOf(kept ?? PLAIN));
  const [off, setOff] = useState((kept ?? PLAIN).off);
  const change = (id: number, changed: Partial<Row>): void =>
    setRows(rows.map((row) => (row.id === id ? { ...row, ...changed } : row)));
  const add = (): void =>
    setRows([
      ...rows,
      { id: 1 + Math.max(0, ...rows.map(({ id }) => id)), name: "", value: "", weight: "0" },
    ]);
  const submit = async (data: FormData): Promise<unknown> => {
    const { name } = flag;
    const action = data.has("plain")
      ? ({ kind: "clear_variants", flag: name } as const)
      : ({ kind: "set_variants", flag: name, ...wishOf(type, rows, off) } as const);
    return wish(environment, { action, reason: textOf(data, "reason"), at: timeOf(data) });
  };
  return (
    <FormDialog
      title={`Values of ${flag.name} in ${environment.project}/${environment.environment}`}
      verb={asks ? "Ask for these values" : "Keep the values"}
      second={
        kept === null
          ? undefined
          : { name: "plain", verb: asks ? "Ask to make it plain" : "Make it plain" }
      }
      wide
      onSubmit={submit}
      onClose={onClose}
    >
      <Meanwhile environment={environment} flag={flag} />
      <label>
        Type
        <select value={type} onChange={(event) => setType(event.currentTarget.value as ValueType)}>
          {VALUE_TYPES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <VariantRows
        rows={rows}
        onChange={change}
        onRemove={(id) => setRows(rows.filter((row) => row.id !== id))}
      />
      <button type="button" class="add" onClick={add}>
        Add a value
      </button>
      <label>
        While it is off
        <select value={off} onChange={(event) => setOff(event.currentTarget.value)}>
          {rows.map(({ id, name }) => (
            <option key={id}>{name}</option>
          ))}
        </select>
      </label>
      <Reason />
      <When environment={environment} />
    </FormDialog>
  );
}

interface RowsProps {
  readonly rows: readonly Row[];
  readonly onChange: (id: number, changed: Partial<Row>) => void;
  readonly onRemove: (id: number) => void;
}

function VariantRows({ rows, onChange, onRemove }: RowsProps) {
  const total = rows.reduce((sum, { weight }) => sum + Number(weight), 0);
  return (
    <ScrollTable
      label="Table of values"
      stacks
      heads={["Name", "Value", "Weight", "Share", <span class="visually-hidden">Remove</span>]}
    >
      {rows.map(({ id, name, value, weight }, index) => (
        <tr key={id}>
          <td data-label="Name">
            <input
              aria-label={`Name ${index + 1}`}
              value={name}
              required
              onInput={(event) => onChange(id, { name: event.currentTarget.value })}
            />
          </td>
          <td data-label="Value">
            <input
              aria-label={`Value ${index + 1}`}
              value={value}
              onInput={(event) => onChange(id, { value: event.currentTarget.value })}
            />
          </td>
          <td data-label="Weight">
            <input
              aria-label={`Weight ${index + 1}`}
              type="number"
              min="0"
              step="1"
              required
              value={weight}
              onInput={(event) => onChange(id, { weight: event.currentTarget.value })}
            />
          </td>
          <td data-label="Share">{shareText(Number(weight), total)}</td>
          <td>
            <button type="button" disabled={rows.length === 1} onClick={() => onRemove(id)}>
              Remove<span class="visually-hidden"> value {index + 1}</span>
            </button>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

/** Who gets which value, in a line. */
export function VariantsText({ flag: { variants } }: { flag: Flag }) {
  if (variants === undefined || variants === null) return null;
  const total = variants.rollout.reduce((sum, { weight }) => sum + weight, 0);
  const given = variants.rollout.filter(({ weight }) => weight > 0);
  return (
    <div class="quiet">
      {given.map(({ variant, weight }) => `${variant} ${shareText(weight, total)}`).join(" · ")}
    </div>
  );
}

function shareText(weight: number, total: number): string {
  return total > 0 ? `${Number(((100 * weight) / total).toFixed(2))} %` : "–";
}

function rowsOf({ type, variants, rollout }: Variants): Row[] {
  return variants.map(({ name, value }, id) => ({
    id,
    name,
    value: type === "string" ? String(value) : (JSON.stringify(value) ?? ""),
    weight: String(rollout.find(({ variant }) => variant === name)?.weight ?? 0),
  }));
}

/** @throws SyntaxError for a value that is none of the type */
function wishOf(type: ValueType, rows: readonly Row[], off: string): Variants {
  const variants = rows.map(({ name, value }) => ({ name, value: readValue(type, name, value) }));
  const rollout = rows.map(({ name, weight }) => ({ variant: name, weight: Number(weight) }));
  // The one that was chosen may have another name by now.
  const known = rows.some(({ name }) => name === off);
  return { type, variants, off: known ? off : (rows[0]?.name ?? ""), rollout };
}

function readValue(type: ValueType, name: string, text: string): unknown {
  if (type === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`The value of ${name} is no ${type}.`);
  }
}
