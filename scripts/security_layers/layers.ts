/** What stops each attack of docs/security.md, as edits of the sources that take it out. */

interface Edit {
  readonly path: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** What the record lists is not asked for. */
const UNLISTED = edit("cli/commands/install/gate.ts", "requireListed(project, file.packages);", "");
/** Whose a file is does not count. */
const ANYBODYS = edit("base/owner.ts", "if (owner === own || owner === 0 ||", "if (owner >= 0 ||");
/** No signature of a set is looked at. */
const UNSIGNED_SET = edit("trust/override_set.ts", " || !holds(message, bytes, key)", "");
/** A member may stand twice. */
const TWICE = never("trust/lock/strict_jsonc.ts", "members.has(key)");

/** By the first words of a row's attack. */
export const LAYERS: Readonly<Record<string, readonly Edit[]>> = {
  "a signed record is changed": [
    edit(
      "trust/verified.ts",
      "if (isSealedBy(bytes, signature, key.publicKey)) return key;",
      "if (bytes.length > 0) return key;",
    ),
  ],
  "an unsigned record, another's": [
    never("trust/verified.ts", "trust.project !== ANY_PROJECT && meta.project !== trust.project"),
  ],
  "an older signed record": [
    never("trust/generation_floor.ts", "floor !== undefined && generation < floor.generation"),
  ],
  "a record below a trusted folder": [
    edit(
      "trust/trust_policy.ts",
      "return spelling(path).startsWith(",
      "return path.split(/[/\\\\]/).length === folder.split(/[/\\\\]/).length + 1 && spelling(path).startsWith(",
    ),
  ],
  "one signer where two must sign": [
    edit(
      "trust/verified.ts",
      "if (isCosignedBy(file, own, key.publicKey)) signers.push(key);",
      "signers.push(key);",
    ),
  ],
  "a revoked or ended key": [
    edit(
      "trust/trust_policy.ts",
      "!revoked.some((other) =>",
      "!revoked.slice(revoked.length).some((other) =>",
    ),
  ],
  "a revoked key that a rotation": [
    edit(
      "cli/commands/trust/trust_entry.ts",
      "if (gone === undefined) return;",
      'if (gone?.on !== "") return;',
    ),
  ],
  "a key of small order": [never("trust/file_signature.ts", "SMALL_ORDER_Y.has(hexBytes(y))")],
  "an empty or relative variable": [
    never("trust/trust_store.ts", 'value.trim() === ""'),
    never("trust/trust_store.ts", "!isAbsolute(file)"),
  ],
  "a trust file or key file that others can write": [
    edit(
      "trust/keys/key_store.ts",
      "if (hexBytes(publicKeyOf(key)) === hexBytes(publicKey)) return key;",
      "if (publicKey.length > 0) return key;",
    ),
  ],
  "a change of a signed record without its key": [
    edit(
      "cli/signing/seal_change.ts",
      "if (!isSigned(bytes)) return",
      "if (bytes.length > 0) return",
    ),
  ],
  "a key that the record offers": [
    edit(
      "cli/commands/trust/trust_add.ts",
      "if (isSealedBy(bytes, signature, publicKey)) return publicKey;",
      "if (bytes.length > 0) return publicKey;",
    ),
  ],
  "an empty, weak or second digest": [
    edit(
      "trust/lock/lock_rules.ts",
      "if (SHA512.test(integrity)) return [];",
      "if (integrity.length < 1e9) return [];",
    ),
  ],
  "a package in another's place": [
    edit(
      "trust/lock/lock_rules.ts",
      "if (aliases.has(`${asked}=${entry.name}`)) return [];",
      "if (aliases.size >= 0) return [];",
    ),
  ],
  "a lockfile that two parsers read differently": [TWICE],
  "a registry moved by an option": [
    edit(
      "registry/effective.ts",
      "const [winner, ...others] = sources.flatMap(",
      "const [winner, ...others] = sources.toReversed().flatMap(",
    ),
  ],
  "a registry that a `.env` names": [
    edit("registry/dotenv.ts", 'isSplit ? alone : ""', '""'),
    edit("registry/dotenv.ts", "hides || isNone ? undefined : value", "value"),
  ],
  "a preload, a scanner, install scripts": [UNLISTED],
  "install scripts that a branch's": [
    edit("trust/gate/project_lock.ts", "...trustEntries(trusted),", ""),
    edit(
      "trust/gate/project_lock.ts",
      "[...new Set([...parsed.trustedDependencies, ...(trusted ?? [])])]",
      "parsed.trustedDependencies",
    ),
  ],
  "a package.json that two": [TWICE],
  "a setting of `.npmrc`": [
    edit("trust/gate/project_lock.ts", "/^(?:[^=]*:)?(?:_auth|", "/(?::|^)(?:_auth|"),
  ],
  "a `node_modules` of a clone": [
    edit("cli/commands/install/gate.ts", "requireOwnModules(project);", ""),
  ],
  "a bare `bun add`": [
    edit(
      "cli/commands/install/scanner.ts",
      "!locked.has(`${name}@${version}`)",
      "!locked.has(`${name}@${version}`) && locked.size < 0",
    ),
  ],
  "a package put into `node_modules`": [
    edit("cli/commands/install/gate.ts", "requireInstalledAsLocked(project);", ""),
  ],
  "a link, a file or a folder without": [
    edit("trust/gate/installed.ts", "if (isLink) links.push(path);", "if (isLink) continue;"),
  ],
  "a poisoned cache": [
    edit("cli/commands/install/install.ts", "if (!strict) return", "if (words.length < 99) return"),
  ],
  "a dependency added by somebody": [
    UNLISTED,
    edit(
      "trust/verified.ts",
      "if (signature === null) {",
      "if (signature === null && today === '') {",
    ),
  ],
  "settings that nest so deep": [never("base/same.ts", "error instanceof RangeError")],
  "text that ends a parser": [never("trust/lock/strict_jsonc.ts", "digits === undefined")],
  "a clone's record that names the registry": [never("upgrade/acceptance.ts", "!isAccepted")],
  "a record, or `node_modules`, of another user": [ANYBODYS],
  "a `bun` in a clone's `node_modules`": [
    edit("upgrade/engine.ts", "task.installed === undefined", "task.installed !== null"),
  ],
  "a package that a command would load": [ANYBODYS],
  "a tool in `node_modules/.bin`": [
    edit(
      "upgrade/installation.ts",
      'const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";',
      'const SYSTEM_PATH = process.env["PATH"] ?? "";',
    ),
    edit(
      "base/find_program.ts",
      '!folder.split(/[/\\\\]/).includes("node_modules")',
      "folder !== ''",
    ),
  ],
  "a proxy in `.env`": [
    edit("base/secure_fetch.ts", "  ignoreAddedProxies();\n  return", "  return"),
  ],
  "a program that a clone's": [
    edit("base/run_git.ts", '  "core.fsmonitor=false",\n', ""),
    edit("base/run_git.ts", '  GIT_NO_LAZY_FETCH: "1",\n  GIT_ALLOW_PROTOCOL: "none",\n', ""),
    edit("base/run_git.ts", '  "protocol.allow=never",\n', ""),
  ],
  "a `tsconfig.json` whose paths": [
    edit("cli/clean_start.ts", '[...ON_WINDOWS, "--tsconfig-override=/dev/null"]', "ON_WINDOWS"),
  ],
  "a `.git` that says": [
    edit(
      "cli/commands/git/git.ts",
      "if (isNamed || isOwn) return root;",
      "if (root !== gitFolder) return root;",
    ),
  ],
  "another text in the place of git's driver": [
    edit(
      "cli/commands/git/driver/install_driver.ts",
      "!isDriver(found, runtimes)",
      "found === undefined",
    ),
  ],
  "a link of a clone": [
    edit(
      "cli/files/text_file.ts",
      "if (liesBelow(real, top)) return;",
      "if (top.length > 0) return;",
    ),
  ],
  "a folder of a clone": [
    edit(
      "cli/files/text_file.ts",
      "found.find((top) => !lstatSync(top).isSymbolicLink()) ?? found[0]",
      "found.find((top) => lstatSync(top).nlink >= 0)",
    ),
  ],
  "an output of a build": [
    edit(
      "bundle/build/write_bundle.ts",
      "folder === undefined ? ANEW : OWN_FILE",
      "folder === undefined ? ANEW : ANEW",
    ),
  ],
  "settings of a clone": [edit("cli/commands/git/history.ts", '"--encoding=UTF-8",', "")],
  "a folder's name that breaks lines": [
    edit("base/text.ts", 'return name.includes("\\n");', "return name.length < 0;"),
  ],
  "a device or a pipe": [
    edit("base/read_file.ts", "if (stats.isFile()) return", "if (stats.nlink >= 0) return"),
  ],
  "a header of another scheme": [
    edit("api/auth/tokens.ts", "if (sent !== null && isBearer(sent))", "if (sent !== null)"),
  ],
  "a request whose Host": [edit("api/request_url.ts", "URL.parse(url)", "new URL(url)")],
  "a body that is torn": [
    edit(
      "api/http/read_call.ts",
      'throw new Refusal("bad-request", "the body did not come',
      'throw error ?? new Refusal("bad-request", "the body did not come',
    ),
  ],
  "pushes that end at once": [never("api/runs.ts", 'state === "running"')],
  "a token that asks in": [
    edit(
      "api/auth/callers.ts",
      "(project === null || project === scope.project)",
      "(project === null || project !== undefined)",
    ),
  ],
  "a change of the control plane": [
    edit("api/auth/sessions.ts", "checkSite(request);\n    const", "const"),
  ],
  "a body without an end": [
    edit("api/http/read_call.ts", "boundedText(request).then(", "request.text().then("),
  ],
  "a CI job's token": [edit("api/auth/jobs.ts", "audience: issuer.audience,", "")],
  "a provider's token that": [
    edit("api/auth/oidc.ts", "library.enableNonRepudiationChecks(config);", ""),
  ],
  "a sign-in that another browser": [
    edit("api/auth/oidc.ts", "sha256(pending.state) !== sha256(state)", "now < 0"),
  ],
  "another provider's account": [
    edit("api/auth/oidc.ts", "sha256(`${issuer}\\0${subject}`)", "sha256(subject)"),
  ],
  "a token after its end": [
    edit("api/auth/tokens.ts", "token.expires !== null && token.expires <= now", "now < 0"),
  ],
  "one person who approves": [never("api/domain/govern.ts", "asked === approver")],
  "another user of the machine": [
    edit("api/data_folder.ts", 'if (hasDatabase) closeSync(openSync(path, "a", OWN_MODE));', ""),
    edit("api/data_folder.ts", "chmodSync(file, OWN_MODE)", "statSync(file)"),
  ],
  "a control plane's data": [
    edit("api/data_folder.ts", "if (own === undefined || stats === undefined)", "if (own !== -1)"),
  ],
  "a part of a download": [never("upgrade/part_file.ts", "!isOursAlone(stats)")],
  "an audit log": [never("api/domain/audit_chain.ts", "row.digest !== digestOf(row, head)")],
  "a set of overrides by another key": [UNSIGNED_SET],
  "code that a pushed bundle": [
    edit(
      "api/ledgers/folders.ts",
      'join(folder, "jail", "node_modules", "pushed")',
      'join(folder, "jail", "pushed")',
    ),
  ],
  "a file of the server that a pushed": [
    edit(
      "api/ledgers/build_child.ts",
      "if (!liesBelow(resolve(path), root)) throw new Error(LEADS_OUT);",
      "",
    ),
    edit(
      "api/ledgers/build_child.ts",
      "if (!liesBelow(full, root)) throw new Error(LEADS_OUT);",
      "",
    ),
  ],
  "words in clear after a broker": [
    edit("fleet/nats_socket.ts", "if (!isAll) throw", "if (!isAll && Date.now() < 0) throw"),
  ],
  "tokens that name an issuer which is away": [
    edit("api/auth/jobs.ts", "if (isResting()) throw", "if (isResting() && Date.now() < 0) throw"),
  ],
  "a pipe in a repository": [edit("base/run_git.ts", "refuseRepositoryPipes(folder);", "")],
  "a pushed bundle that asks what": [edit("api/ledgers/sandbox.ts", "hideAbove(root);", "")],
  "a health address that leads": [
    edit("api/health_looks.ts", "if (this.#origins.has(url.origin))", 'if (url.origin !== "")'),
  ],
  "a stream that was asked for": [
    edit(
      "api/routes/events.ts",
      'authorize(caller.again(engine.state, now()), "reader", place);',
      "",
    ),
  ],
  "a message in the place of a state": [
    edit("api/nats/guard.ts", "restore(subject, place);\n  };", "};"),
    // Whoever comes within seconds of a connection is put right by chance.
    edit(
      "api/nats/publisher.ts",
      "setTimeout(() => this.#settle(), SETTLE_MS)",
      "setTimeout(() => {})",
    ),
  ],
  "lines that a host": [
    edit("agent/plane_answers.ts", "return printable(value);", "return value;"),
    edit("agent/plane_server.ts", "? printable(detail) :", "? detail :"),
  ],
  "a control plane's record that": [
    edit(
      "cli/commands/plane/pull.ts",
      "verifyBytes(bytes, path, env,",
      "verifyBytes(bytes, undefined, env,",
    ),
  ],
  "something else than": [never("agent/plane_client.ts", "there.digest !== sha256(bytes)")],
  "a password in the address": [
    edit("agent/plane_server.ts", 'url.username !== "" ||', "url.port === '1' &&"),
  ],
  "an older set for a host": [edit("agent/agent.ts", "this.#disbelieved = kept;", "")],
  "a relay's server": [
    edit("trust/override_set.ts", "requireMeant(set, expected);", ""),
    UNSIGNED_SET,
  ],
  "a page in a browser": [edit("fleet/relay/relay_server.ts", "refusePages(request);", "")],
  "a set of overrides that switches": [
    edit("agent/agent.ts", "if (file !== undefined) requireLetBy(file, set);", ""),
  ],
};

function edit(path: string, find: string, replace: string): Edit {
  return { path: `src/${path}`, find, replace };
}

/** A condition that holds no more. */
function never(path: string, condition: string): Edit {
  return edit(path, `if (${condition})`, `if (${condition} && Date.now() < 0)`);
}
