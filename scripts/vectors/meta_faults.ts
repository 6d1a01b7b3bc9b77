// The invalid vectors of section `meta`: well-formed files whose JSON breaks a rule.

import { buildFile, flagSection } from "./file_builder.ts";
import type { FaultVector } from "./fault_vector.ts";
import { EXAMPLE, EXAMPLE_REGISTRY } from "./valid.ts";

/** Stands in the JSON below where the reader must see the fault; it is not part of the file. */
const MARK = "▸";
/** Of the payload: after the package count, the flag table of one entry, and two heads. */
const META_AT = 108 + 8 + 64 + 8;

const utf8 = new TextEncoder();

function metaFile(payload: Uint8Array): Uint8Array {
  const sections = [flagSection({ bit: 2, name: "DEBUG" }), { tag: "meta", payload }];
  return buildFile({ ...EXAMPLE, sections });
}

function meta(name: string, proves: string, field: string, json: string): FaultVector {
  const [before = "", ...after] = json.split(MARK);
  if (after.length !== 1) throw new Error(`${name}: there must be one ${MARK}`);
  return {
    file: `invalid/meta_${name}.lockb`,
    layer: "meta",
    proves,
    error: { offset: META_AT + utf8.encode(before).length, field },
    bytes: metaFile(utf8.encode(before + after.join(""))),
  };
}

function bytes(name: string, proves: string, payload: Uint8Array): FaultVector {
  return {
    file: `invalid/meta_${name}.lockb`,
    layer: "meta",
    proves,
    error: { offset: META_AT, field: "meta" },
    bytes: metaFile(payload),
  };
}

/** Faults of the JSON's form: RFC 8785 leaves one way to write a value. */
const FORM_FAULTS: FaultVector[] = [
  bytes("empty", "A meta section without bytes.", new Uint8Array()),
  bytes("utf8_broken", "A byte that is not UTF-8.", Uint8Array.of(0x7b, 0xff, 0x7d)),
  bytes(
    "utf8_overlong",
    "An overlong form of `/`.",
    new Uint8Array(Buffer.from('{"project":"\xc0\xaf"}', "latin1")),
  ),
  bytes(
    "utf8_surrogate",
    "A surrogate in UTF-8.",
    new Uint8Array(Buffer.from('{"project":"\xed\xa0\x80"}', "latin1")),
  ),
  meta("byte_order_mark", "A byte order mark.", "meta", `${MARK}\ufeff{"project":"a"}`),
  meta("not_an_object", "A list.", "meta", `${MARK}["a"]`),
  meta(
    "object_empty",
    "An object without members: the section is left out instead.",
    "meta",
    `{${MARK}}`,
  ),
  meta("white_space", "A space.", "meta", `{${MARK} "project":"a"}`),
  meta("new_line", "A new line at the end.", "meta", `{"project":"a"}${MARK}\n`),
  meta("trailing_value", "A second value.", "meta", `{"project":"a"}${MARK}{}`),
  meta("cut", "An end in the middle.", "meta", `{"project":"a"${MARK}`),
  meta("string_cut", "A string without an end.", "meta.project", `{"project":${MARK}"a}`),
  meta("comma_last", "A comma before the end.", "meta", `{"project":"a",${MARK}}`),
  meta(
    "members_order",
    "Members out of order.",
    "meta",
    `{"project":"a",${MARK}"bun":{"minimum":"1.4.5"}}`,
  ),
  meta("member_twice", "A member twice.", "meta", `{"project":"a",${MARK}"project":"a"}`),
  meta("escape_needless", "An escape of a letter.", "meta.project", `{"project":${MARK}"\\u0061"}`),
  meta("escape_slash", "An escaped slash.", "meta.project", `{"project":${MARK}"a\\/b"}`),
  meta(
    "escape_upper_case",
    "An escape in upper-case hex.",
    "meta.project",
    `{"project":${MARK}"\\u001F"}`,
  ),
  meta(
    "control_raw",
    "A raw control character in a string.",
    "meta.project",
    `{"project":${MARK}"a\tb"}`,
  ),
  meta("number", "A number.", "meta.project", `{"project":${MARK}1}`),
  meta("null", "A null.", "meta.project", `{"project":${MARK}null}`),
];

const FLAG = '"flags":{"DEBUG":';

/** Faults of the values. */
const VALUE_FAULTS: FaultVector[] = [
  meta("member_unknown", "A member that is not defined.", "meta", `{${MARK}"color":"red"}`),
  meta("project_empty", "A project without a name.", "meta.project", `{"project":${MARK}""}`),
  meta(
    "project_long",
    "A project name of 215 bytes.",
    "meta.project",
    `{"project":${MARK}"${"a".repeat(215)}"}`,
  ),
  meta(
    "project_long_utf8",
    "A project name of 214 characters and 215 bytes.",
    "meta.project",
    `{"project":${MARK}"${"a".repeat(213)}é"}`,
  ),
  meta(
    "project_escape",
    "An escape sequence for terminals.",
    "meta.project",
    `{"project":${MARK}"\\u001b[31m"}`,
  ),
  meta("project_c1", "A C1 control character.", "meta.project", `{"project":${MARK}"a\u009bb"}`),
  meta(
    "project_surrogate",
    "Half a surrogate pair.",
    "meta.project",
    `{"project":${MARK}"\\ud800"}`,
  ),
  meta(
    "bun_version",
    "A Bun version of two numbers.",
    "meta.bun",
    `{"bun":{"minimum":${MARK}"1.4"}}`,
  ),
  meta(
    "bun_version_zero",
    "A Bun version with a leading zero.",
    "meta.bun",
    `{"bun":{"minimum":${MARK}"1.04.5"}}`,
  ),
  meta(
    "bun_member",
    "A member of bun that is not defined.",
    "meta.bun",
    `{"bun":{${MARK}"maximum":"1.4.5"}}`,
  ),
  meta(
    "flag_unnamed",
    "Meta for a flag that the table does not have.",
    "meta.flags",
    `${MARK}{"flags":{"OTHER":{"retired":true}}}`,
  ),
  meta(
    "flag_name",
    "Meta for a name that no flag can have.",
    "meta.flags",
    `{"flags":{${MARK}"0debug":{"retired":true}}}`,
  ),
  meta(
    "flag_proto",
    "A member that a JavaScript object would swallow.",
    "meta.flags",
    `{"flags":{${MARK}"__proto__":{"retired":true}}}`,
  ),
  meta(
    "flag_member",
    "A member of a flag that is not defined.",
    "meta.flags.DEBUG",
    `{${FLAG}{${MARK}"color":"red"}}}`,
  ),
  meta(
    "flag_retired_false",
    "A flag that is not retired says nothing.",
    "meta.flags.DEBUG",
    `{${FLAG}{"retired":${MARK}false}}}`,
  ),
  meta(
    "flag_description_long",
    "A description of 201 bytes.",
    "meta.flags.DEBUG",
    `{${FLAG}{"description":${MARK}"${"d".repeat(201)}"}}}`,
  ),
  meta(
    "flag_owner_long",
    "An owner of 101 bytes.",
    "meta.flags.DEBUG",
    `{${FLAG}{"owner":${MARK}"${"o".repeat(101)}"}}}`,
  ),
  meta(
    "flag_expires_form",
    "A date in another form.",
    "meta.flags.DEBUG",
    `{${FLAG}{"expires":${MARK}"2027-1-1"}}}`,
  ),
  meta(
    "flag_expires_day",
    "A day that the calendar does not have.",
    "meta.flags.DEBUG",
    `{${FLAG}{"expires":${MARK}"2027-02-29"}}}`,
  ),
  meta(
    "flag_live_default",
    "A rule for overrides that goes without saying.",
    "meta.flags.DEBUG",
    `{${FLAG}{"live":${MARK}"any"}}}`,
  ),
  meta(
    "online_order",
    "Keys for overrides out of order.",
    "meta.online",
    `{"online":["${"b".repeat(64)}",${MARK}"${"a".repeat(64)}"]}`,
  ),
  meta(
    "online_short",
    "A key for overrides of 31 bytes.",
    "meta.online",
    `{"online":[${MARK}"${"a".repeat(62)}"]}`,
  ),
  meta(
    "registry_hash",
    "A default registry that is not the record's.",
    "meta.registries.default",
    `${MARK}{"registries":{"default":"https://other.example.test"}}`,
  ),
  meta(
    "registry_scope",
    "A scope without @.",
    "meta.registries",
    `{"registries":{${MARK}"acme":"https://a.test"}}`,
  ),
  meta(
    "registry_slash",
    "A trailing slash.",
    "meta.registries",
    `{"registries":{"default":${MARK}"https://registry.example.test/"}}`,
  ),
  meta(
    "registry_host_case",
    "A host in upper case.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://A.test"}}`,
  ),
  meta(
    "registry_port",
    "A default port.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://a.test:443"}}`,
  ),
  meta(
    "registry_credentials",
    "Credentials.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://user:secret@a.test"}}`,
  ),
  meta(
    "registry_query",
    "A query.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://a.test/?b"}}`,
  ),
  meta(
    "registry_fragment",
    "An empty fragment.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://a.test#"}}`,
  ),
  meta(
    "registry_dots",
    "A path that is not resolved.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"https://a.test/b/../c"}}`,
  ),
  meta(
    "registry_scheme",
    "Another scheme.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"ftp://a.test"}}`,
  ),
  meta(
    "registry_ipv4",
    "An IPv4 address in another form.",
    "meta.registries",
    `{"registries":{"@a":${MARK}"http://127.1"}}`,
  ),
  meta(
    "upgrade_order",
    "Unsigned registries out of order.",
    "meta.upgrade",
    `{"upgrade":{"unsigned":["https://b.test",${MARK}"https://a.test"]}}`,
  ),
  meta(
    "upgrade_twice",
    "An unsigned registry twice.",
    "meta.upgrade",
    `{"upgrade":{"unsigned":["https://a.test",${MARK}"https://a.test"]}}`,
  ),
  meta(
    "upgrade_empty",
    "A list without values.",
    "meta.upgrade",
    `{${EXAMPLE_REGISTRY},"upgrade":{"unsigned":[${MARK}]}}`,
  ),
];

export const META_FAULTS: FaultVector[] = [...FORM_FAULTS, ...VALUE_FAULTS];
