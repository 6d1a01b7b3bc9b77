// A webpack loader: TypeScript to JavaScript.
const { transformSync } = require("esbuild");

module.exports = function stripTypes(source) {
  return transformSync(source, { loader: "ts", sourcefile: this.resourcePath }).code;
};
