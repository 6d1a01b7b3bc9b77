// A webpack loader: TypeScript and JSX to JavaScript.
const { extname } = require("node:path");
const { transformSync } = require("esbuild");

module.exports = function stripTypes(source, map) {
  const extension = extname(this.resourcePath).slice(1).replace(/^[cm]/, "").replace(/^js$/, "jsx");
  // A script of a component in TypeScript.
  const loader = /^[jt]sx?$/.test(extension) ? extension : "ts";
  const result = transformSync(source, {
    loader,
    sourcefile: this.resourcePath,
    sourcemap: this.sourceMap ? "external" : false,
  });
  // What came before had every line and column in place: its own map still holds for the names.
  const merged = result.map
    ? { ...JSON.parse(result.map), sourcesContent: map?.sourcesContent }
    : map;
  this.callback(null, result.code, merged);
};
