/**
 * What a bare `bun install` asks where `init --gate` named it: the record, the registries in force, the
 * lockfile and the settings, and that each package is one of the lockfile's. It catches mistakes: what
 * it cannot stop, docs/security.md says. Bun loads it by its path, in a process that the project's own
 * preload has come to first.
 */

import { dirname } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { printable, printableLines } from "../../../base/text.ts";
import { registriesInForce } from "../../../registry/in_force.ts";
import { ownEnvironment } from "../../../runtime/own_environment.ts";
import { requireFile } from "../../../store/find.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { requireListed, requireRegistries } from "../../../trust/gate/checks.ts";
import { type ProjectLock, readProjectLock } from "../../../trust/gate/project_lock.ts";
import { readConfigFile } from "../../../trust/verified.ts";

interface ScannedPackage {
  readonly name: string;
  readonly version: string;
}

/** As Bun takes it: a fatal one ends the install before a package is fetched. */
interface Advisory {
  readonly level: "fatal";
  readonly package: string;
  readonly url: null;
  readonly description: string;
}

export const scanner = {
  version: "1",
  async scan({ packages }: { readonly packages: readonly ScannedPackage[] }): Promise<Advisory[]> {
    try {
      const project = checkedProject(process.cwd());
      return project === undefined ? [] : strangers(packages, project);
    } catch (error) {
      if (!(error instanceof ImmuconfigError)) throw error;
      const { message, hint } = error;
      const text = printableLines(hint === undefined ? message : `${message}\n${printable(hint)}`);
      return [advisory(packages[0]?.name ?? "bunfig.lockb", text)];
    }
  },
};

/** @returns undefined for a record that lists nothing yet: there is nothing to hold an install to */
function checkedProject(cwd: string): ProjectLock | undefined {
  const env = ownEnvironment();
  const path = requireFile({ cwd, env });
  const file = readConfigFile(path, env);
  const folder = dirname(realFilePath(path));
  requireRegistries(registriesInForce({ env }, folder, true), file.meta.registries ?? {});
  if (file.packages.length === 0) return undefined;
  const project = readProjectLock(folder);
  requireListed(project, file.packages);
  return project;
}

function strangers(packages: readonly ScannedPackage[], { lock }: ProjectLock): Advisory[] {
  const locked = new Set(lock.packages.map(({ name, resolution }) => `${name}@${resolution}`));
  return packages
    .filter(({ name, version }) => !locked.has(`${name}@${version}`))
    .map(({ name, version }) =>
      advisory(
        name,
        `${printable(`${name}@${version}`)} is not in the list of the record. Look at it, and add it by: bun-config add`,
      ),
    );
}

function advisory(name: string, description: string): Advisory {
  return { level: "fatal", package: name, url: null, description };
}
