/** @jsxImportSource preact */
import type { RecordFields } from "./client.ts";
import { ScrollTable } from "./table.tsx";

const PER_ROW = 26;
const CELL = 24;
const HEADER_SIZE = 104;

/** The 104 bytes of the header, each in the colour of its field, with the fields' values below. */
export function RecordBytes({ header, fields }: RecordFields) {
  const shown = fields.filter(({ offset }) => offset < HEADER_SIZE);
  const cells = Array.from({ length: header.length / 2 }, (_, offset) => ({
    offset,
    hex: header.slice(2 * offset, 2 * offset + 2),
    field: shown.findLastIndex((one) => one.offset <= offset),
  }));
  const rows = Math.ceil(cells.length / PER_ROW);
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label="Header bytes">
        <svg
          class="bytes"
          viewBox={`0 0 ${PER_ROW * CELL} ${rows * CELL}`}
          role="img"
          aria-label="The header in hex; the table below names its fields"
        >
          {cells.map(({ offset, hex, field }) => (
            <g key={offset} class={field % 2 === 0 ? "even" : "odd"}>
              <rect
                x={(offset % PER_ROW) * CELL}
                y={Math.floor(offset / PER_ROW) * CELL}
                width={CELL}
                height={CELL}
              />
              <text
                x={(offset % PER_ROW) * CELL + CELL / 2}
                y={Math.floor(offset / PER_ROW) * CELL + 16}
                text-anchor="middle"
              >
                {hex}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <ScrollTable label="Header fields" heads={["Bytes", "Field", "Value"]}>
        {shown.map(({ offset, size, name, value }) => (
          <tr key={offset}>
            <td>{size === 1 ? offset : `${offset}–${offset + size - 1}`}</td>
            <th scope="row" class="name">
              {name}
            </th>
            <td class="long">{value}</td>
          </tr>
        ))}
      </ScrollTable>
    </>
  );
}
