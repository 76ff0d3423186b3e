// The entries of metadata.managedFields: read, cap, sort.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
import { Steps, type Work } from '../../clock/slices.js';
import { isRecord, type ManagedFieldsEntry } from '../object.js';
import { deepEqual } from '../equality.js';
import { isEmptySet, parseFieldSet, union, type FieldSet } from './field-set.js';

export type Operation = 'Apply' | 'Update';

/** One manager of an object, with the fields that are its. Immutable. */
export interface Manager {
  readonly name: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource: string;
  /** '' when the entry has none. */
  readonly time: string;
  readonly fields: FieldSet;
  /** The entry that this was read from, when nothing has changed since. */
  readonly entry: ManagedFieldsEntry | undefined;
}

/** Who a manager is, apart from when it wrote. */
export type Identity = Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>;

export function isSame(a: Identity, b: Identity): boolean {
  // Who applies is the same in whatever version.
  const sameVersion = a.operation === 'Apply' || a.apiVersion === b.apiVersion;
  return a.name === b.name && a.operation === b.operation && sameVersion && a.subresource === b.subresource;
}

/** The same text for those that are the same. */
function identityText({ name, operation, apiVersion, subresource }: Identity): string {
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** A manager that has changed. */
export function managerOf({ name, operation, apiVersion, subresource }: Identity, time: string, fields: FieldSet): Manager {
  return { name, operation, apiVersion, subresource, time, fields, entry: undefined };
}

/** What is known of a list that came out of the store. A memo, not state: it goes with the list. */
const known = new WeakMap<readonly ManagedFieldsEntry[], readonly Manager[]>();

/** Whether the resource is served in an apiVersion: managers of another are left out, since their fields mean nothing any more. */
export type IsServed = (apiVersion: string) => boolean;

/** Reads the entries of a stored object. Nothing is parsed twice: the sets are the stored `fieldsV1` themselves. */
export function readManagers(entries: readonly ManagedFieldsEntry[], isServed?: IsServed): readonly Manager[] {
  let managers = known.get(entries);
  if (managers === undefined) known.set(entries, (managers = entries.map(trustedManager)));
  return isServed === undefined ? managers : servedOf(managers, isServed);
}

function servedOf(managers: readonly Manager[], isServed: IsServed): readonly Manager[] {
  for (const { apiVersion } of managers) if (!isServed(apiVersion)) return managers.filter((manager) => isServed(manager.apiVersion));
  return managers;
}

function trustedManager(entry: ManagedFieldsEntry): Manager {
  return {
    name: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource ?? '',
    time: entry.time ?? '',
    fields: (entry.fieldsV1 ?? {}) as FieldSet,
    entry,
  };
}

/** How many entries are read at a time. */
const batch = 64;

/**
 * What a client's own list means. `reset`: it asks for no managers at all (`[]` or `[{}]`). Undefined: unreadable, so it is as if it had
 * sent none. Of two entries of one manager the last counts; entries without fields are dropped. Yields in the midst of many.
 */
export function* readSentManagers(
  sent: unknown,
  stored: readonly ManagedFieldsEntry[],
  isServed?: IsServed,
): Work<readonly Manager[] | 'reset' | undefined> {
  if (!Array.isArray(sent)) return undefined;
  const entries = sent as readonly unknown[];
  if (entries.length === 0 || (entries.length === 1 && isRecord(entries[0]) && isBlank(entries[0]))) return 'reset';
  if (deepEqual(sent, stored)) return readManagers(stored, isServed);
  const managers = new Map<string, Manager>();
  const storedOf = byManager(stored);
  const steps = new Steps(batch);
  for (const entry of entries) {
    if (steps.due()) yield;
    const manager = sentManager(entry, isRecord(entry) ? (storedOf.get(entry['manager']) ?? []) : []);
    if (manager === undefined) return undefined;
    const identity = identityText(manager);
    managers.delete(identity);
    managers.set(identity, manager);
  }
  return [...managers.values()].filter(({ fields, apiVersion }) => !isEmptySet(fields) && (isServed === undefined || isServed(apiVersion)));
}

/** Entries by the manager that they name: there may be thousands. */
function byManager(entries: readonly ManagedFieldsEntry[]): ReadonlyMap<unknown, readonly ManagedFieldsEntry[]> {
  const found = new Map<unknown, ManagedFieldsEntry[]>();
  for (const entry of entries) {
    const known = found.get(entry.manager);
    if (known === undefined) found.set(entry.manager, [entry]);
    else known.push(entry);
  }
  return found;
}

/** An entry decodes with its empty fields left out, or with a null time. */
function isBlank(entry: Readonly<Record<string, unknown>>): boolean {
  return Object.values(entry).every((value) => value === null || value === '' || value === undefined);
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : undefined;
}

/** `stored`: the entries of the same manager. */
function sentManager(entry: unknown, stored: readonly ManagedFieldsEntry[]): Manager | undefined {
  if (!isRecord(entry)) return undefined;
  // An entry that the client read and sends back is the stored one: no second copy of its set in memory.
  const own = stored.find((one) => deepEqual(one, entry));
  if (own !== undefined) return trustedManager(own);
  const name = text(entry['manager']);
  const apiVersion = text(entry['apiVersion']);
  const subresource = text(entry['subresource']);
  const time = text(entry['time']);
  const { operation } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (name === undefined || apiVersion === undefined || apiVersion === '' || subresource === undefined || time === undefined)
    return undefined;
  if (entry['fieldsType'] !== 'FieldsV1') return undefined;
  const fields = parseFieldSet(entry['fieldsV1'] ?? {});
  return fields === undefined ? undefined : { name, operation, apiVersion, subresource, time, fields, entry: undefined };
}

/** The most Update managers that an object keeps; the oldest of more are merged into one. */
const mostUpdates = 10;

/** Merges the oldest Update managers into `ancient-changes` (one for each apiVersion) when there are too many. */
export function cap(managers: readonly Manager[]): readonly Manager[] {
  let updates = 0;
  for (const { operation } of managers) if (operation === 'Update') updates++;
  if (updates <= mostUpdates) return managers;
  const sorted = [...managers].sort(compareManagers);
  const applied = sorted.filter(({ operation }) => operation === 'Apply');
  const rest = sorted.filter(({ operation }) => operation === 'Update');
  const ancient: Manager[] = [];
  while (rest.length > 0 && ancient.length + rest.length > mostUpdates) {
    const oldest = rest.shift()!;
    const index = ancient.findIndex(({ apiVersion }) => apiVersion === oldest.apiVersion);
    const bucket = ancient[index];
    const { apiVersion, time } = oldest;
    const fields = bucket === undefined ? oldest.fields : union(bucket.fields, oldest.fields);
    ancient.splice(index < 0 ? ancient.length : index, 1, {
      name: 'ancient-changes',
      operation: 'Update',
      apiVersion,
      subresource: '',
      time,
      fields,
      entry: undefined,
    });
  }
  return [...applied, ...ancient, ...rest];
}

/** Apply before Update, then by whole seconds, then by name, apiVersion and subresource. */
function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time, b.time) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * The entries to store; undefined for none. `previous` itself when they would be the same.
 */
export function writeManagers(
  managers: readonly Manager[],
  previous: readonly ManagedFieldsEntry[] | undefined,
): readonly ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  const sorted = managers.length === 1 ? managers : [...managers].sort(compareManagers);
  const entries = sorted.map((manager) => manager.entry ?? entryOf(manager));
  if (previous !== undefined && previous.length === entries.length && entries.every((entry, i) => entry === previous[i])) return previous;
  return entries;
}

function entryOf({ name, operation, apiVersion, subresource, time, fields }: Manager): ManagedFieldsEntry {
  const entry: { -readonly [K in keyof ManagedFieldsEntry]: ManagedFieldsEntry[K] } =
    name === '' ? { operation, apiVersion } : { manager: name, operation, apiVersion };
  if (time !== '') entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = fields;
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}
