// The OpenAPI documents of backends, merged into the server's own.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
import { deepEqual } from '../../apimachinery/equality.js';
import { isRecord } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import { Entries, entriesOf } from '../openapi/entries.js';
import type { OtherDocuments } from '../openapi/index.js';
import type { ApiServices } from './api-services.js';
import type { BackendOpenApi } from './backend-openapi.js';
import type { Documents } from './remote-documents.js';

type Specification = NonNullable<BackendOpenApi['v2']>;
const prefix = '#/definitions/';

export function otherDocuments(services: ApiServices, documents: Documents): OtherDocuments {
  const all = (): readonly { readonly name: string; readonly openapi: BackendOpenApi }[] =>
    [...services.remotes()].flatMap((remote) => {
      const openapi = documents.of(remote)?.openapi;
      return openapi === undefined ? [] : [{ name: `apis/${remote.group}/${remote.version}`, openapi }];
    });
  return {
    digest: () =>
      all()
        .map(({ name, openapi }) => `${name} ${openapi.digest}`)
        .join(' '),
    addresses: () => new Map(all().flatMap(({ name, openapi }) => (openapi.v3 === undefined ? [] : [[name, openapi.v3] as const]))),
    merge: (document) =>
      mergeWork(
        document,
        all().flatMap(({ openapi }) => (openapi.v2 === undefined ? [] : [openapi.v2])),
      ),
  };
}

/** The document of version 2 with the paths of these, and the definitions that those paths lead to. */
export function* mergeWork(document: unknown, others: readonly Specification[]): Work<unknown> {
  if (others.length === 0 || !isRecord(document)) return document;
  const { paths, definitions } = document;
  const added = new Map<string, unknown>();
  const pathsAdded = new Map<string, unknown>();
  for (const other of others) {
    const used = yield* usedDefinitions(other);
    const names = yield* renamed(used, other.definitions, definitions, added);
    for (const name of used) {
      added.set(names.get(name) ?? name, withNames(other.definitions[name], names));
      yield;
    }
    for (const [path, item] of Object.entries(other.paths)) {
      if (!pathsAdded.has(path)) pathsAdded.set(path, withNames(item, names));
      yield;
    }
  }
  return {
    ...document,
    paths: together(paths, pathsAdded),
    definitions: together(definitions, added),
  };
}

/** What is added counts. */
function together(own: unknown, added: ReadonlyMap<string, unknown>): Entries {
  return new Entries(function* () {
    for (const entry of entriesOf(own)) if (!added.has(entry[0])) yield entry;
    yield* added;
  });
}

/** The definitions that the paths refer to, and those refer to in turn. */
function* usedDefinitions({ paths, definitions }: Specification): Work<ReadonlySet<string>> {
  const used = new Set<string>();
  const waiting: unknown[] = Object.values(paths);
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const name of references(value, new Set())) {
      if (used.has(name) || !Object.hasOwn(definitions, name)) continue;
      used.add(name);
      waiting.push(definitions[name]);
    }
    yield;
  }
  return used;
}

/** Adds the names that something refers to. */
function references(value: unknown, found: Set<string>): ReadonlySet<string> {
  if (Array.isArray(value)) for (const one of value as readonly unknown[]) references(one, found);
  else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const inner = value[key];
      if (key === '$ref' && typeof inner === 'string' && inner.startsWith(prefix)) found.add(inner.slice(prefix.length));
      else references(inner, found);
    }
  }
  return found;
}

/** New names for definitions whose names mean something else already: `…ObjectMeta_v2`. */
function* renamed(
  used: ReadonlySet<string>,
  definitions: Specification['definitions'],
  own: unknown,
  added: ReadonlyMap<string, unknown>,
): Work<ReadonlyMap<string, string>> {
  const taken = new Map<string, unknown>(added);
  for (const [name, definition] of entriesOf(own)) {
    if (used.has(name) || used.has(name.replace(/_v\d{1,2}$/, ''))) taken.set(name, definition);
    yield;
  }
  const names = new Map<string, string>();
  for (const name of used) {
    let free = name;
    for (let meaning = 2; taken.has(free) && !deepEqual(taken.get(free), definitions[name]); meaning++) {
      free = meaning > mostMeanings ? name : `${name}_v${meaning}`;
      yield;
      if (meaning > mostMeanings) break;
    }
    if (free !== name) names.set(name, free);
    yield;
  }
  return names;
}

/** More than so many meanings of one name are not told apart. */
const mostMeanings = 21;

function withNames(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly unknown[]).map((one) => withNames(one, names));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (key !== '$ref' || typeof inner !== 'string' || !inner.startsWith(prefix)) return [key, withNames(inner, names)];
      const name = inner.slice(prefix.length);
      return [key, `${prefix}${names.get(name) ?? name}`];
    }),
  );
}
