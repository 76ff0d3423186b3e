// Loads the recorded facts of openapi/: discovery, table columns and schemas, each file read once and only when it is asked for.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../apimachinery/object.js';
import type { TypeFacts } from '../apimachinery/schema/facts.js';
import type { OpenApiDocument } from '../apimachinery/schema/openapi.js';
import type { SchemaSource } from '../apimachinery/schema/compile.js';
import type { TableColumn } from './kind.js';

/** One entry of a discovery document; a subresource's name has a slash. */
export interface ResourceFacts {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  /** Of the kind, when it is not that of the document (subresources such as `scale`). */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** A group with its versions, the preferred one first, as discovery lists it. */
export interface GroupFacts {
  readonly name: string;
  readonly versions: readonly string[];
  readonly preferredVersion: string;
}

/** The facts in one folder. Methods throw when a file is missing or broken: the installation is damaged then. */
export interface Facts {
  readonly folder: string;
  /** All groups in discovery's order, the core group '' first. */
  groups(): readonly GroupFacts[];
  /** The resources of a group and version with their subresources; empty when there are none. */
  resources(group: string, version: string): readonly ResourceFacts[];
  /** The columns of a resource's Table; undefined when none were recorded (create-only resources). */
  columns(group: string, version: string, resource: string): readonly TableColumn[] | undefined;
  /** The OpenAPI v3 schemas of a document by definition name; see {@link documentName}. */
  document(name: string): OpenApiDocument;
  /** Any other file, parsed, such as `protobuf.json`. */
  file(name: string): unknown;
}

/** `/api/v1` or `/apis/apps/v1`. */
export function apiPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The name of a group and version's document in openapi/schemas: `api_v1`, `apis_apps_v1`. */
export function documentName(group: string, version: string): string {
  return apiPath(group, version).slice(1).replaceAll('/', '_');
}

/** Where `compileSchemas` gets its documents from. */
export function schemaSourceOf(facts: Facts): SchemaSource {
  return {
    documents: facts.groups().flatMap((group) => group.versions.map((version) => documentName(group.name, version))),
    load: (document) => facts.document(document),
    facts: () => facts.file('pointers.json') as TypeFacts,
  };
}

/**
 * Finds the folder `openapi/` beside or above a module: in the checkout above `src/registry/`, in a build beside the bundle.
 * @throws Error naming the place it started from when there is none.
 */
export function findFactsFolder(moduleUrl: string = import.meta.url): string {
  const start = dirname(fileURLToPath(moduleUrl));
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, 'openapi');
    if (existsSync(join(candidate, 'discovery.json'))) return candidate;
    if (dirname(folder) === folder)
      throw new Error(`no openapi/ folder with discovery.json beside or above ${start}: the installation is incomplete`);
  }
}

/**
 * Facts of the folder of `openapi/`. Nothing is read until it is asked for; parsing discovery and columns takes under a millisecond,
 * so that there is no need for a smaller file at start-up.
 */
export function loadFacts(folder: string = findFactsFolder()): Facts {
  const files = new Map<string, unknown>();
  const file = (name: string): unknown => {
    let value = files.get(name);
    if (value === undefined) {
      value = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      files.set(name, value);
    }
    return value;
  };
  const record = (name: string): Readonly<Record<string, unknown>> => {
    const value = file(name);
    if (!isRecord(value)) throw new Error(`${join(folder, name)}: not a JSON object`);
    return value;
  };

  let groups: readonly GroupFacts[] | undefined;
  return {
    folder,
    file,
    groups: () => (groups ??= groupsOf(record('discovery.json'))),
    resources: (group, version) => {
      const document = record('discovery.json')[apiPath(group, version)];
      return (document as { resources?: readonly ResourceFacts[] } | undefined)?.resources ?? [];
    },
    columns: (group, version, resource) =>
      record('table-columns.json')[`${apiPath(group, version)}/${resource}`] as readonly TableColumn[] | undefined,
    document: (name) => record(join('schemas', `${name}.json`)) as OpenApiDocument,
  };
}

/** What discovery.json says at `/api` and `/apis`. */
interface GroupDocuments {
  readonly '/api': { readonly versions: readonly string[] };
  readonly '/apis': {
    readonly groups: readonly {
      readonly name: string;
      readonly versions: readonly { readonly version: string }[];
      readonly preferredVersion: { readonly version: string };
    }[];
  };
}

function groupsOf(discovery: Readonly<Record<string, unknown>>): readonly GroupFacts[] {
  const documents = discovery as unknown as GroupDocuments;
  const core = documents['/api'].versions;
  return [
    { name: '', versions: core, preferredVersion: core[0]! },
    ...documents['/apis'].groups.map((group) => ({
      name: group.name,
      versions: group.versions.map((one) => one.version),
      preferredVersion: group.preferredVersion.version,
    })),
  ];
}
