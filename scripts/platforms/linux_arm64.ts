/** arm64, by an emulator that runs its programs one by one. */

import { join } from "node:path";
import type { Platform } from "./platform.ts";
import { bunFor, needDebian, type Target } from "./tools.ts";

const TARGET: Target = { os: "linux", cpu: "arm64", libc: "glibc" };

export const LINUX_ARM64: Platform = {
  name: "Linux arm64, glibc, Bun 1.4.5",
  id: "arm64",
  target: TARGET,
  parts: ["programs", "commands", "builds", "proof"],
  how: "qemu-aarch64, by binfmt_misc of a user namespace of its own",
  prepare: () => {
    needDebian({
      "/usr/bin/qemu-aarch64-static": "qemu-user-static",
      "/usr/aarch64-linux-gnu/lib/libc.so.6": "libc6-arm64-cross",
      "/usr/aarch64-linux-gnu/lib/libgcc_s.so.1": "libgcc-s1-arm64-cross",
    });
    const program = bunFor(TARGET, "1.4.5");
    return { command: ["bash", join(import.meta.dir, "in_arm64.sh"), program] };
  },
};
