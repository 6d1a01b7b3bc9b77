declare const source: string;
// oxlint-disable-next-line import/no-default-export -- a text import is a default import
export default source;
