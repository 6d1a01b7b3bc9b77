// Upgrades a program, and kills itself at one step; without a step it goes to the end.
import { type UpgradeTask, upgradeProgram } from "../../../src/upgrade/engine.ts";
import { registryClient } from "../../../src/registry/client.ts";
import { loadTrustRoots } from "../../../src/trust/trust_roots.ts";
import { product } from "../../support/upgrade_fixture.ts";

const [url = "", registryKeys = "", target = "", lastStep] = process.argv.slice(2);
const task: UpgradeTask = {
  product,
  policy: { configVersion: 1, registry: url, unsignedRegistries: [] },
  trust: await loadTrustRoots(url, { registryKeys }),
  client: registryClient(url, undefined),
  target,
  requested: undefined,
  allowDowngrade: false,
  logPath: `${target}.log`,
  now: () => new Date(),
  onEvent: ({ kind }) => {
    if (kind !== "progress") console.log(kind);
    if (kind === lastStep) process.kill(process.pid, "SIGKILL");
  },
};
const { change } = await upgradeProgram(task);
console.log(change);
