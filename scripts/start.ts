// `npm start`: takes a real small application through everything immuconfig does for it, checks
// every step, and leaves nothing behind.
import { runBlueprintSteps } from "./start/blueprint.ts";
import { runBuildSteps } from "./start/build.ts";
import { Project } from "./start/project.ts";
import { runRecordSteps } from "./start/record.ts";
import { failureCount } from "./start/step.ts";

const project = new Project("links");
try {
  await runRecordSteps(project);
  await runBuildSteps(project);
  await runBlueprintSteps(project);
} finally {
  project.remove();
}
const failures = failureCount();
console.log(failures === 0 ? "\nEvery step did what it says." : `\n${failures} steps failed.`);
process.exit(failures === 0 ? 0 : 1);
