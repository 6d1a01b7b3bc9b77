/** A change of a file: a function from the old one to the new one. Pure. */

import { type File } from "../file.ts";
import { type FlagMeta, type Meta } from "../meta.ts";
import { type Record } from "../record.ts";

/** Every function here gives back its argument when there is nothing to change. */
export type Change = (file: File) => File;

/** Whether an object has all these members already. */
export function hasMembers(object: object, members: object): boolean {
  return Object.entries(members).every(([key, value]) => Reflect.get(object, key) === value);
}

export function withRecord(file: File, change: Partial<Record>): File {
  if (hasMembers(file.record, change)) return file;
  return { ...file, record: { ...file.record, ...change } };
}

export function withMeta(file: File, change: Partial<Meta>): File {
  return { ...file, meta: { ...file.meta, ...change } };
}

/** @param meta with nothing in it, the flag has no entry: the format has no empty ones */
export function withFlagMeta(file: File, name: string, meta: FlagMeta): File {
  const { flags: metas = {}, ...rest } = file.meta;
  const { [name]: _, ...others } = metas;
  const flags = Object.keys(meta).length === 0 ? others : { ...others, [name]: meta };
  return { ...file, meta: Object.keys(flags).length === 0 ? rest : { ...rest, flags } };
}
