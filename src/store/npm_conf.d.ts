/** The one thing used of a package that has no types. */
declare module "@pnpm/npm-conf" {
  const npmConf: { readonly defaults: { readonly registry: string } };
  export default npmConf;
}
