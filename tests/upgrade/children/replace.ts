// Replaces a program, or goes back to the old one.
import { swapWithPrevious, programFiles, putInPlace } from "../../../src/upgrade/swap.ts";

const [action, target = ""] = process.argv.slice(2);
const files = programFiles(target);
if (action === "putInPlace") putInPlace(files);
else swapWithPrevious(files);
