import { feature } from "bun:bundle";

const on = feature("ON") ? "on" : "off";
const off = feature("OFF") ? "on" : "off";
const element: { textContent: string } = Reflect.get(globalThis, "flags");
element.textContent = `ON is ${on}, OFF is ${off}`;
element.textContent += `, version ${Bun.config.version}`;
