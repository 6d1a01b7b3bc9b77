// The peer of benches/plane/unleash.ts, started as its own page says, with the options of UNLEASH_OPTIONS. Prints
// its address.
import { start } from "unleash-server";

const { server } = await start(JSON.parse(process.env.UNLEASH_OPTIONS));
console.error(`at http://127.0.0.1:${server.address().port}/`);
