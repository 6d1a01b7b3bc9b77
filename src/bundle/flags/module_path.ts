/** Modules as bundlers name them. Pure. */

/**
 * The path of a module, without what a bundler put behind it. A folder's name may hold a `#` or a `?`, so a
 * query starts behind a name that ends like a module's.
 */
export function pathOf(id: string): string {
  const path = /^.*?\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx)(?=[?#]|$)/s.exec(id)?.[0];
  return path ?? id.replace(/[?#].*$/s, "");
}
