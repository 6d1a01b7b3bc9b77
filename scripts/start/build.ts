/** The example, built with each feature on and off, and run; what each flag adds. */

import { statSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.ts";
import { checkService } from "./record.ts";
import { expect, heading, step } from "./step.ts";

const FEATURES = ["CLICK_STATS", "DEBUG"] as const;

export async function runBuildSteps(project: Project): Promise<void> {
  heading("Build it with each feature on and off, and run what comes out");
  for (const name of FEATURES) {
    for (const enabled of [true, false]) {
      await step(`${name} ${enabled ? "on" : "off"}`, () => buildAndRun(project, name, enabled));
    }
  }
  heading("What each flag adds to the bundle");
  await step("bun-config ledger src/server.ts", () =>
    project.config("ledger", "src/server.ts", "--target", "bun"),
  );
  await step("bun-config prove CLICK_STATS src/server.ts", () =>
    project.config("prove", "CLICK_STATS", "src/server.ts", "--target", "bun"),
  );
}

async function buildAndRun(
  project: Project,
  name: (typeof FEATURES)[number],
  enabled: boolean,
): Promise<string> {
  const outfile = `dist/${name}-${enabled ? "on" : "off"}.js`;
  const option = enabled ? "--feature" : "--no-feature";
  const build = ["build", "src/server.ts", "--target", "bun", "--outfile", outfile, option, name];
  project.config(...build);

  const bundle = join(project.folder, outfile);
  const text = await Bun.file(bundle).text();
  const marker = { CLICK_STATS: "clicks since the service started", DEBUG: "[links debug]" }[name];
  expect(text.includes(marker) === enabled, `${JSON.stringify(marker)} in the bundle: ${!enabled}`);
  await project.serve(["bun", outfile], async (url) => {
    await checkService(url, name === "CLICK_STATS" && enabled);
  });
  return `${statSync(bundle).size} bytes; ran as it should`;
}
