/** This machine's own kind: older Buns, Nodes, musl's C library, a processor without AVX. */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Platform } from "./platform.ts";
import {
  bunFor,
  bunPackage,
  nodeFor,
  must,
  needDebian,
  ROOT,
  type Target,
  TOOLS,
} from "./tools.ts";

const GLIBC: Target = { os: "linux", cpu: "x64", libc: "glibc" };
const MUSL: Target = { os: "linux", cpu: "x64", libc: "musl" };
const ALL_PARTS = ["programs", "commands", "builds", "proof"] as const;
const OWN_TESTS = ["format", "store", "live", "native"];

function bun(version: string): Platform {
  return {
    name: `Linux x64, glibc, Bun ${version}`,
    id: `bun-${version}`,
    target: GLIBC,
    parts: ALL_PARTS,
    tests: OWN_TESTS,
    how: "directly",
    prepare: () => ({ command: [bunFor(GLIBC, version)] }),
  };
}

function node(version: string): Platform {
  return {
    name: `Linux x64, glibc, Node ${version}`,
    id: `node-${version.split(".")[0]}`,
    target: GLIBC,
    parts: ["programs", "commands"],
    how: "directly",
    prepare: () => ({ command: [nodeFor(GLIBC, version)] }),
  };
}

const tooOld: Platform = {
  name: "Linux x64, glibc, Bun 1.4.0",
  id: "too-old",
  target: GLIBC,
  parts: ["refusal"],
  how: "directly; every entry refuses",
  prepare: () => ({ command: [bunFor(GLIBC, "1.4.0")] }),
};

const withoutAvx: Platform = {
  name: "Linux x64, glibc, no AVX, Bun 1.4.5",
  id: "no-avx",
  target: GLIBC,
  parts: ["programs"],
  how: "qemu-x86_64 -cpu Nehalem; children run on the real processor",
  prepare: () => {
    needDebian({ "/usr/bin/qemu-x86_64-static": "qemu-user-static" });
    const program = bunPackage(GLIBC, "@oven/bun-linux-x64-baseline", "1.4.5");
    return { command: ["/usr/bin/qemu-x86_64-static", "-cpu", "Nehalem", program] };
  },
};

const musl: Platform = {
  name: "Linux x64, musl, Bun 1.4.5",
  id: "musl",
  target: MUSL,
  parts: ALL_PARTS,
  how: "a chroot with Debian's musl and busybox",
  prepare: () => {
    needDebian({ "/bin/busybox": "busybox-static" });
    const program = bunFor(MUSL, "1.4.5");
    const root = muslRoot();
    copyFileSync(program, join(root, "bin", "bun"));
    chmodSync(join(root, "bin", "bun"), 0o755);
    const enter = join(root, "enter.sh");
    writeFileSync(
      enter,
      `#!/bin/sh\nset -e\ncd ${root}\nfor d in proc dev tmp; do mount --rbind /$d $d; done\n` +
        `mount --bind ${ROOT} .${ROOT}\nwd=$1; shift\nexec /usr/sbin/chroot . /bin/sh -c 'cd "$0" && exec "$@"' "$wd" "$@"\n`,
    );
    return {
      command: ["unshare", "--mount", "--", "sh", enter, "$PWD", "/bin/bun"],
      env: { PATH: "/bin", HOME: "/tmp", LD_PRELOAD: "", TMPDIR: "/tmp" },
    };
  },
};

/** Debian's musl, with its own libstdc++ over what glibc has and musl lacks. */
function muslRoot(): string {
  const root = join(TOOLS, "musl-root");
  if (existsSync(join(root, "lib", "ld-linux-x86-64.so.2"))) return root;
  rmSync(root, { recursive: true, force: true });
  for (const folder of ["bin", "lib", "proc", "dev", "tmp", "usr/bin", `.${ROOT}`]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  must(["apt-get", "download", "musl"], { cwd: root });
  must(["sh", "-c", "dpkg-deb -x musl_*.deb musl"], { cwd: root });
  copyFileSync(
    join(root, "musl/lib/x86_64-linux-musl/libc.so"),
    join(root, "lib/ld-musl-x86_64.so.1"),
  );
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["sh", "stty", "env", "cat"]) symlinkSync("busybox", join(root, "bin", name));
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    copyFileSync(join("/usr/lib/x86_64-linux-gnu", name), join(root, "lib", name));
  }
  // As musl's systems have it: packages with native parts look into it to know where they are.
  const ldd = join(root, "usr/bin/ldd");
  writeFileSync(ldd, '#!/bin/sh\n# musl\nexec /lib/ld-musl-x86_64.so.1 --list "$@"\n', {
    mode: 0o755,
  });
  // Their loader is asked for by this name: what it lacks of glibc's stands in the shim.
  const zig = join(ROOT, "node_modules", ".bin", "zig");
  must([
    zig,
    "cc",
    "-target",
    "x86_64-linux-musl",
    "-shared",
    "-fPIC",
    "-O2",
    join(import.meta.dir, "musl_shim.c"),
    "-o",
    join(root, "lib", "ld-linux-x86-64.so.2"),
  ]);
  return root;
}

export const LINUX_X64: readonly Platform[] = [
  tooOld,
  bun("1.4.1"),
  bun("1.4.5"),
  node("20.19.6"),
  node("22.12.0"),
  node("24.22.3"),
  node("26.12.1"),
  withoutAvx,
  musl,
];
