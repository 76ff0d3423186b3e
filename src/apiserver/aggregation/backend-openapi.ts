// What a backend publishes as OpenAPI of its group and version.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
import { createHash } from 'node:crypto';
import { readJsonWork } from '../../apimachinery/codec/json-reader.js';
import { isRecord } from '../../apimachinery/object.js';
import { inSlices } from '../../clock/slices.js';
import type { RemoteService } from './api-services.js';
import { nameUser, newHeaders } from './headers.js';

export interface BackendOpenApi {
  /** Of version 2: paths and definitions; undefined when it has none that can be used. */
  readonly v2: { readonly paths: Records; readonly definitions: Records } | undefined;
  /** Where the document of version 3 is, with its hash; undefined when there is none. */
  readonly v3: string | undefined;
  /** Says whether any of it has changed. */
  readonly digest: string;
}

type Records = Readonly<Record<string, unknown>>;

/** A document may have so many bytes, and be nested so deep. */
const largestDocument = 4 * 1024 * 1024;
const deepest = 100;
const longestAddress = 2048;
/** So many definitions it may have, and so many paths. */
const mostEntries = 20_000;
/** How long an answer may take, in milliseconds. */
const patience = 10_000;

const user = { name: 'system:aggregator', groups: [] };

/** Rejects with an Error when the backend cannot be asked. */
export async function fetchOpenApi({ backend, group, version }: RemoteService): Promise<BackendOpenApi> {
  const reached = await backend.reach();
  if (reached.missing !== undefined) throw new Error(`its service leads nowhere: no ${reached.missing}`);
  const digest = createHash('sha512');
  const get = async (path: string): Promise<Records | undefined> => {
    const headers = newHeaders();
    nameUser(headers, user);
    headers['accept'] = 'application/json';
    const { status, body } = await backend.fetch(reached.authority, { method: 'GET', path, headers }, largestDocument, patience);
    if (status !== 200) return undefined;
    const { value: document } = await inSlices(readJsonWork(body, { literals: false, deepest }));
    if (!isRecord(document)) return undefined;
    digest.update(body).update('\0');
    return document;
  };
  const [whole, index] = await Promise.all([get('/openapi/v2').catch(() => undefined), get('/openapi/v3').catch(() => undefined)]);
  return { v2: ofVersion2(whole, group, version), v3: addressOf(index, `apis/${group}/${version}`), digest: digest.digest('hex') };
}

/** Its paths in its group and version, and what they or their objects are made of. */
function ofVersion2(document: Records | undefined, group: string, version: string): BackendOpenApi['v2'] {
  if (document === undefined || !isRecord(document['paths']) || !isRecord(document['definitions'])) return undefined;
  const root = `/apis/${group}/${version}/`;
  const paths = Object.entries(document['paths']).filter(([path, item]) => `${path}/`.startsWith(root) && isRecord(item));
  const definitions = Object.entries(document['definitions']).filter(([, definition]) => isRecord(definition));
  if (Math.max(paths.length, definitions.length) > mostEntries) return undefined;
  return { paths: own(paths), definitions: own(definitions) };
}

/** Without a prototype: names are the backend's. */
function own(entries: readonly (readonly [string, unknown])[]): Records {
  const out = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) out[name] = value;
  return out;
}

function addressOf(index: Records | undefined, name: string): string | undefined {
  const paths = index?.['paths'];
  const entry = isRecord(paths) && Object.hasOwn(paths, name) ? paths[name] : undefined;
  const address = isRecord(entry) ? entry['serverRelativeURL'] : undefined;
  if (typeof address !== 'string' || address.length > longestAddress || !address.startsWith(`/openapi/v3/${name}`)) return undefined;
  return address;
}
