/** `immuconfig` as the record's values, for webpack and Rspack: they take a module out of its name. */

import type { BuildFlags } from "../flags/build_flags.ts";
import { asksForCore, RECORD_IMPORT, recordModule } from "../flags/record_module.ts";

/** What both compilers have of it. */
interface Request {
  request: string;
  readonly contextInfo?: { readonly issuer: string } | undefined;
}

interface Replacement<Compiler> {
  apply(compiler: Compiler): void;
}

interface PackCompiler<Compiler> {
  readonly webpack: {
    readonly NormalModuleReplacementPlugin: new (
      pattern: RegExp,
      replace: (request: Request) => void,
    ) => Replacement<Compiler>;
  };
}

/** @param flags of now: a build that watches reads the record again */
export function replaceRecordRequests<Compiler extends PackCompiler<Compiler>>(
  compiler: Compiler,
  flags: () => BuildFlags,
): void {
  const { NormalModuleReplacementPlugin } = compiler.webpack;
  new NormalModuleReplacementPlugin(RECORD_IMPORT, (request) => {
    const needsCore = asksForCore(request.contextInfo?.issuer);
    const text = recordModule(request.request, flags(), needsCore);
    request.request = `data:text/javascript,${encodeURIComponent(text)}`;
  }).apply(compiler);
}
