/** The main job: pin an application's configuration, run it, and try to break it. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.ts";
import { expect, heading, step } from "./step.ts";

const REGISTRY = "https://registry.example.test";
const TARGET = "https://example.test/a/long/address";

export async function runRecordSteps(project: Project): Promise<void> {
  const file = join(project.folder, "bunfig.lockb");
  const serve = ["bun-config", "exec", "--", "bun", "src/server.ts"];

  heading("Pin the configuration of examples/links");
  await step("bun-config init", () => project.config("init", "--yes", "--registry", REGISTRY));
  await step("bun-config feature define CLICK_STATS", () =>
    project.config("feature", "define", "CLICK_STATS", "--description", "count clicks"),
  );
  await step("bun-config feature enable CLICK_STATS", () =>
    project.config("feature", "enable", "CLICK_STATS"),
  );

  heading("Run it, flip a feature, run it again");
  await step("the service counts clicks", () => runService(project, serve, true));
  await step("bun-config feature disable CLICK_STATS", () =>
    project.config("feature", "disable", "CLICK_STATS"),
  );
  await step("the service no longer has the route", () => runService(project, serve, false));

  heading("Try to break it");
  await step("a spawned child cannot change the record", () => {
    const before = readFileSync(file);
    const { stdout } = project.run(["bun", "src/try_to_change.ts"]);
    const said = JSON.parse(stdout) as { exitCode: number; stderr: string };
    expect(said.exitCode === 5, `the child exited with ${said.exitCode}, not 5: ${said.stderr}`);
    expect(readFileSync(file).equals(before), "the file changed");
    return `exit 5: ${said.stderr.split("\n")[0]}`;
  });
  await step("a corrupted file is refused", () => refuseCorrupted(project, file));
  await step("the restored file is valid", () => project.config("verify"));
}

async function runService(
  project: Project,
  command: readonly string[],
  counts: boolean,
): Promise<string> {
  const start = performance.now();
  return project.serve(command, async (url) => {
    const ready = performance.now() - start;
    const status = await checkService(url, counts);
    const { features } = (await (await fetch(`${url}/config`)).json()) as {
      features: Record<string, boolean>;
    };
    expect(features["CLICK_STATS"] === counts, "config.features and feature() disagree");
    return `listening after ${ready.toFixed(0)} ms; GET /links/CODE/stats answered ${status}`;
  });
}

/**
 * Shortens a link, follows it, and asks for its clicks.
 *
 * @param counts whether the service should count them
 * @returns the status of the last answer
 */
export async function checkService(url: string, counts: boolean): Promise<number> {
  const added = await fetch(`${url}/links`, { method: "POST", body: TARGET });
  const { code } = (await added.json()) as { code: string };
  const visited = await fetch(`${url}/${code}`, { redirect: "manual" });
  expect(visited.headers.get("location") === TARGET, "the link leads elsewhere");
  const stats = await fetch(`${url}/links/${code}/stats`);
  expect(stats.status === (counts ? 200 : 404), `GET stats answered ${stats.status}`);
  if (counts) {
    const { clicks } = (await stats.json()) as { clicks: number };
    expect(clicks === 1, `it counted ${clicks} clicks, not 1`);
  }
  return stats.status;
}

/** Flips one bit in every region of the file, one at a time. */
function refuseCorrupted(project: Project, file: string): string {
  const good = readFileSync(file);
  const said: string[] = [];
  try {
    for (const offset of [0, 9, 16, 24, 40, 110]) {
      const bad = Buffer.from(good);
      bad[offset] = (bad[offset] ?? 0) ^ 1;
      writeFileSync(file, bad);
      const { exitCode, stderr } = project.run(["bun-config", "verify"]);
      expect(exitCode === 4, `bit 0 of byte ${offset} flipped: exit ${exitCode}, not 4`);
      said.push(`byte ${offset}: ${stderr.split("\n")[0]?.replace(/^.*is not valid: /, "")}`);
    }
    const { exitCode, stderr } = project.run(["bun", "src/server.ts"]);
    expect(
      exitCode !== 0 && stderr.includes("is not valid"),
      "the service started on a broken file",
    );
    return said.join("\n");
  } finally {
    writeFileSync(file, good);
  }
}
