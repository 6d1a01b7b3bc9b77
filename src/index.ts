export { crc64, murmurHash3 } from "./hash.ts";
