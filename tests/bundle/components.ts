/** Components of the four kinds that ask for flags, and the compilers that read them. */

import { svelte } from "@sveltejs/vite-plugin-svelte";
import vue from "@vitejs/plugin-vue";
import mdx from "@mdx-js/rollup";
import type { Plugin, PluginOption } from "vite";

export interface ComponentCase {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly compiler: () => PluginOption;
  /** What must be in the output, and what must not. */
  readonly live: readonly string[];
  readonly dead: readonly string[];
}

const vuePlugin = (): PluginOption => vue();
const sveltePlugin = (): PluginOption =>
  svelte({ configFile: false, compilerOptions: { dev: false } });
const mdxPlugin = (): PluginOption => mdx({ jsxImportSource: "preact" }) as Plugin;

/** With an import whose line is 2. */
export const COMPONENTS: readonly ComponentCase[] = [
  {
    name: "Vue, script setup",
    file: "App.vue",
    text: `<script setup>
import { feature } from "bun:bundle";
const title = feature("ON") ? "live-setup" : "dead-setup";
const props = defineProps({ a: String });
</script>
<template><b>{{ title }} {{ props.a }} feature("OTHER") is text</b>
<i v-if="feature('ON')">live-if</i><i v-else>dead-else</i><u :class="feature('OFF') ? 'dead-class' : 'live-class'">{{ feature("ON") ? "live-text" : "dead-text" }}</u></template>
<style scoped>b { color: red; }</style>
`,
    compiler: vuePlugin,
    live: ["live-setup", "live-if", "live-class", "live-text"],
    dead: ["dead-setup", "dead-else", "dead-class", "dead-text"],
  },
  {
    name: "Vue, script setup in TypeScript",
    file: "App.vue",
    text: `<script setup lang="ts">
import { feature } from "bun:bundle";
import { ref } from "vue";
const tab = ref<"a" | "b">(feature("OFF") ? "a" : "b");
function f(id: string) { tab.value = id as "a"; if (feature("ON")) console.log("live-f"); else console.log("dead-f"); }
</script>
<template><template v-if="tab"><b @click="f('a')">{{ tab }}</b></template></template>
`,
    compiler: vuePlugin,
    live: ["live-f"],
    dead: ["dead-f"],
  },
  {
    name: "Vue, two scripts, of which one imports",
    file: "App.vue",
    text: `<script lang="ts">
import { feature } from "bun:bundle";
export const first: string = feature("ON") ? "live-first" : "dead-first";
</script>
<!-- <script> in a comment -->
<template><p>{{ second }}</p></template>
<script setup lang="ts">
const second: string = feature("OFF") ? "dead-second" : "live-second" + first;
</script>
`,
    compiler: vuePlugin,
    live: ["live-first", "live-second"],
    dead: ["dead-first", "dead-second"],
  },
  {
    name: "Vue, options",
    file: "App.vue",
    text: `<script>
import { feature } from "bun:bundle";
export default { data() { return { x: feature("ON") ? "live-data" : "dead-data", rows: Bun.config.terminal.rows }; } };
</script>
<template><p>{{ x }} {{ rows }}</p></template>
`,
    compiler: vuePlugin,
    live: ["live-data", "24"],
    dead: ["dead-data"],
  },
  {
    name: "Svelte",
    file: "App.svelte",
    text: `<script>
import { feature } from "bun:bundle";
let { a } = $props();
const title = feature("ON") ? "live-title" : "dead-title";
</script>
<b>{title} {a}</b>
{#if feature("ON")}<i>live-if</i>{:else}<i>dead-if</i>{/if}
<p class={feature("OFF") ? "dead-class" : "live-class"}>{feature("ON") ? "live-text" : "dead-text"}</p>
`,
    compiler: sveltePlugin,
    live: ["live-title", "live-if", "live-class", "live-text"],
    // The HTML of a branch that never runs stays: Svelte does not say that nothing needs it.
    dead: ["dead-title", "if (false", "dead-class", "dead-text"],
  },
  {
    name: "Svelte in TypeScript, with a module's script",
    file: "App.svelte",
    text: `<script module lang="ts">
import { feature } from "bun:bundle";
export const first: string = feature("ON") ? "live-module" : "dead-module";
</script>
<svelte:head><script type="application/ld+json">{"a": "<b>"}</script></svelte:head>
<script lang="ts">
const second: string = feature("OFF") ? "dead-instance" : "live-instance";
</script>
<b>{first} {second}</b>
`,
    compiler: sveltePlugin,
    live: ["live-module", "live-instance"],
    dead: ["dead-module", "dead-instance"],
  },
  {
    name: "MDX",
    file: "App.mdx",
    text: `# Title
import { feature } from "bun:bundle";
export const title = feature("ON") ? "live-title" : "dead-title";

Of import feature from "bun:bundle" one may speak, and of feature("OTHER").

\`\`\`js
import { feature } from "bun:bundle";
\`\`\`

<b>{title}</b> {feature("OFF") ? "dead-text" : "live-text"}
`,
    compiler: mdxPlugin,
    live: ["live-title", "live-text"],
    dead: ["dead-title", "dead-text"],
  },
];
