/**
 * The record's list of packages: 32 bytes for each entry of `bun.lock`, and for each of its settings
 * that changes what is installed. The first 8 bytes are the CRC-64/XZ of which entry it is, so that
 * a change can be named; the other 24 are of SHA-256 over the name and all that the entry holds.
 */

import { sha256, sha256Bytes } from "../../base/digest.ts";
import { compareBytes, writeCrc64 } from "../../format/bytes.ts";
import { PACKAGE_RECORD_SIZE } from "../../format/layout.ts";
import { crc64 } from "../../hash.ts";
import type { BunLock, LockedPackage } from "./bun_lock.ts";
import { describePackage } from "./lock_rules.ts";
import { isJsonList, isJsonObject, type JsonValue } from "./strict_jsonc.ts";

const CONTENT_CONTEXT = "immuconfig/package/v1\0";
const NAME_HASH_SIZE = 8;
/** What Bun 1.4 writes. */
const LOCKFILE_VERSION = 2;
const CONFIG_VERSION = 1;
const utf8 = new TextEncoder();
/** Lists whose order means nothing. */
const SETS: ReadonlySet<string> = new Set(["optionalPeers", "os", "cpu", "libc", "unresolved"]);

export interface IndexEntry {
  /** What it is about, in words. */
  readonly about: string;
  readonly record: Uint8Array;
}

/** What differs between an index and a record, in words. */
export interface IndexDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** How many of the record's entries are gone: their names are not in it. */
  readonly removedCount: number;
}

/**
 * The entries of a lockfile, in no order.
 *
 * @param readPatch gives the bytes of a patch by its path; what it throws is thrown on
 */
export function indexLock(lock: BunLock, readPatch: (path: string) => Uint8Array): IndexEntry[] {
  const settings: [string, JsonValue][] = [
    ...Array.from(lock.workspaces, ([path, value]): [string, JsonValue] => [
      `workspace ${path === "" ? "of the root" : path}`,
      withoutVersion(value),
    ]),
    ["versions", isNewest(lock) ? [] : lock.versions],
    ["trustedDependencies", lock.trustedDependencies.toSorted()],
    ["overrides", lock.overrides],
    ["catalog", lock.catalog],
    ["catalogs", lock.catalogs],
  ];
  const entries = settings
    .filter(([, value]) => !isEmpty(value))
    .map(([about, value]) => indexEntry(`#${about}`, about, canonicalText(value)));
  for (const [about, path] of lock.patchedDependencies) {
    const bytes = readPatch(path);
    const digest = sha256(bytes);
    entries.push(indexEntry(`#patch ${about}`, `patch of ${about}`, canonicalText([path, digest])));
  }
  for (const entry of lock.packages) {
    entries.push({
      // Of thousands, few are ever named.
      get about() {
        return describePackage(entry);
      },
      record: recordOf(entry.key, contentText(entry)),
    });
  }
  return entries;
}

/**
 * The entry of a setting that changes an install.
 *
 * @param name of its own
 * @returns none for an empty value
 */
export function indexSetting(name: string, about: string, value: JsonValue): IndexEntry[] {
  return isEmpty(value) ? [] : [indexEntry(`#setting ${name}`, about, canonicalText(value))];
}

/** The bytes of the record's package list. */
export function encodeIndex(entries: readonly IndexEntry[]): Uint8Array {
  const sorted = entries.map(({ record }) => record).toSorted(compareBytes);
  const bytes = new Uint8Array(sorted.length * PACKAGE_RECORD_SIZE);
  for (const [i, record] of sorted.entries()) bytes.set(record, i * PACKAGE_RECORD_SIZE);
  return bytes;
}

/**
 * Compares a lockfile's entries with a record's.
 *
 * @param packages of the record: whole entries
 * @returns undefined when they are the same
 */
export function compareIndex(
  entries: readonly IndexEntry[],
  packages: Uint8Array,
): IndexDifference | undefined {
  const recorded = recordParts(packages, PACKAGE_RECORD_SIZE);
  const others = entries.filter(({ record }) => !recorded.has(textOf(record)));
  const kept = entries.length - others.length;
  if (others.length === 0 && kept === recorded.size) return undefined;
  const names = recordParts(packages, NAME_HASH_SIZE);
  const isNamed = ({ record }: IndexEntry): boolean =>
    names.has(textOf(record.subarray(0, NAME_HASH_SIZE)));
  const changed = others.filter(isNamed).map(({ about }) => about);
  const added = others.filter((entry) => !isNamed(entry)).map(({ about }) => about);
  return { added, changed, removedCount: recorded.size - kept - changed.length };
}

/** The first bytes of every entry of a record. */
function recordParts(packages: Uint8Array, size: number): Set<string> {
  const parts = new Set<string>();
  const bytes = bufferOf(packages);
  for (let at = 0; at < bytes.length; at += PACKAGE_RECORD_SIZE) {
    parts.add(bytes.toString("latin1", at, at + size));
  }
  return parts;
}

/** Bytes as a key of a set. */
function textOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("latin1");
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The canonical text of all members but `kind`, which the resolution says. */
function contentText(entry: LockedPackage): string {
  const { checkout, info, integrity, key, name, resolution, tarball } = entry;
  const before = JSON.stringify({ checkout }).slice(0, -1);
  const after = JSON.stringify({ integrity, key, name, resolution, tarball }).slice(1);
  return `${before},"info":${canonicalText(info)},${after}`;
}

function indexEntry(name: string, about: string, content: string): IndexEntry {
  return { about, record: recordOf(name, content) };
}

function recordOf(name: string, content: string): Uint8Array {
  const record = sha256Bytes(CONTENT_CONTEXT + JSON.stringify([name, content]));
  // The digest's end makes way for the name's hash.
  record.copyWithin(NAME_HASH_SIZE, 0, PACKAGE_RECORD_SIZE - NAME_HASH_SIZE);
  writeCrc64(record, 0, crc64(utf8.encode(name)));
  return record;
}

/** The same for the same meaning, whatever the order of members and of sets. */
function canonicalText(value: JsonValue, isSet = false): string {
  if (isJsonList(value)) {
    const texts = value.map((item) => canonicalText(item));
    return `[${(isSet ? texts.toSorted() : texts).join(",")}]`;
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  if (value.size === 0) return "{}";
  const members = [...value.keys()].toSorted().map((key) => {
    const member = value.get(key) ?? null;
    return `${JSON.stringify(key)}:${canonicalText(member, SETS.has(key))}`;
  });
  return `{${members.join(",")}}`;
}

/** An older one is read by older rules, and Bun takes it without a word. */
function isNewest({ versions: [lockfile, config] }: BunLock): boolean {
  return lockfile === LOCKFILE_VERSION && config === CONFIG_VERSION;
}

/** A workspace's own version changes nothing about what is installed, and changes often. */
function withoutVersion(workspace: JsonValue): JsonValue {
  if (!isJsonObject(workspace)) return workspace;
  return new Map([...workspace].filter(([key]) => key !== "version"));
}

function isEmpty(value: JsonValue): boolean {
  return isJsonObject(value) ? value.size === 0 : isJsonList(value) && value.length === 0;
}
