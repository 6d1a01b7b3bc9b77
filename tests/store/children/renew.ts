// renew.ts PATH TEXT…: writes each text into a slot file in turn, and says which were written; without texts the
// numbers from 1, until it is killed.
import { SlotFile } from "../../../src/store/slot_file.ts";

const [path = "", ...texts] = process.argv.slice(2);
const file = new SlotFile(path, 1000);
if (texts.length === 0) for (let count = 1; ; count++) write(String(count));
for (const text of texts) write(text);

function write(text: string): void {
  try {
    file.write(text);
    process.stdout.write(`${text}\n`);
  } catch (error) {
    process.stdout.write(`${String(error)}\n`);
  }
}
