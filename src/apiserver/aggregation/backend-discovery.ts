// What a backend says that it serves: read from its documents with care, since anybody may have written them.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { readJsonWork } from '../../apimachinery/codec/json-reader.js';
import { isRecord } from '../../apimachinery/object.js';
import { inSlices } from '../../clock/slices.js';
import type { SubresourceFacts } from '../../registry/kind.js';
import type { DiscoveredKind } from '../discovery/source.js';
import type { RemoteService } from './api-services.js';
import { aggregatorUser } from './availability.js';
import type { BackendAnswer } from './backend.js';
import { nameUser, newHeaders } from './headers.js';

const aggregatedTypes = ['v2', 'v2beta1'].map((v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`).join(',');
/** A document may have so many bytes, one version so many resources, and a list of words so many. */
const largestDocument = 2 * 1024 * 1024;
const mostResources = 2000;
const mostWords = 64;
const deepest = 100;
const longestName = 253;
/** How long an answer may take, in milliseconds. */
const patience = 5_000;

/** The resources of one group and version, from the aggregated document or else from the version's own. Rejects with an Error. */
export async function discoverBackend({ backend, group, version }: RemoteService): Promise<readonly DiscoveredKind[]> {
  const reached = await backend.reach();
  if (reached.missing !== undefined) throw new Error(`its service leads nowhere: no ${reached.missing}`);
  const get = (path: string, accept: string): Promise<BackendAnswer> => {
    const headers = newHeaders();
    nameUser(headers, aggregatorUser);
    headers['accept'] = accept;
    return backend.fetch(reached.authority, { method: 'GET', path, headers }, largestDocument, patience);
  };
  const whole = await get('/apis', aggregatedTypes);
  if (whole.status === 200) {
    const document = await parsed(whole.body);
    if (document['kind'] === 'APIGroupDiscoveryList') return fromAggregated(document, group, version);
  }
  const own = await get(`/apis/${group}/${version}`, 'application/json');
  if (own.status !== 200) throw new Error(`it answered ${own.status}`);
  return fromResourceList(await parsed(own.body), group, version);
}

async function parsed(body: Buffer): Promise<Readonly<Record<string, unknown>>> {
  const { value: document } = await inSlices(readJsonWork(body, { literals: false, deepest }));
  if (!isRecord(document)) throw new Error('a document of its discovery is no object');
  return document;
}

function fromAggregated(document: Readonly<Record<string, unknown>>, group: string, version: string): readonly DiscoveredKind[] {
  const found = records(document['items']).find(({ metadata }) => isRecord(metadata) && metadata['name'] === group);
  const resources = records(records(found?.['versions']).find((one) => one['version'] === version)?.['resources']);
  const kinds: DiscoveredKind[] = [];
  for (const one of resources.slice(0, mostResources)) {
    const resource = nameIn(one, 'resource');
    const kind = isRecord(one['responseKind']) ? nameIn(one['responseKind'], 'kind') : '';
    if (resource === '') continue;
    const subresources = new Map<string, SubresourceFacts>();
    for (const sub of records(one['subresources']).slice(0, mostWords)) {
      const name = nameIn(sub, 'subresource');
      const response = isRecord(sub['responseKind']) ? sub['responseKind'] : {};
      if (name === '') continue;
      const place = { group: nameIn(response, 'group') || group, version: nameIn(response, 'version') || version };
      subresources.set(name, { name, kind: nameIn(response, 'kind'), ...place, verbs: wordsIn(sub, 'verbs') });
    }
    const scope = { namespaced: one['scope'] === 'Namespaced', singular: nameIn(one, 'singularResource') };
    kinds.push({ ...common(one, group, version), ...scope, resource, kind, subresources });
  }
  return unique(kinds);
}

function fromResourceList(document: Readonly<Record<string, unknown>>, group: string, version: string): readonly DiscoveredKind[] {
  const entries = records(document['resources']).slice(0, mostResources);
  const kinds: DiscoveredKind[] = [];
  const subresources = new Map<string, Map<string, SubresourceFacts>>();
  for (const one of entries) {
    const name = nameIn(one, 'name');
    const slash = name.indexOf('/');
    const kind = nameIn(one, 'kind');
    if (slash > 0) {
      const of = subresources.get(name.slice(0, slash));
      const sub = name.slice(slash + 1);
      const place = { group: nameIn(one, 'group') || group, version: nameIn(one, 'version') || version };
      of?.set(sub, { name: sub, kind, ...place, verbs: wordsIn(one, 'verbs') });
    } else if (name !== '' && !subresources.has(name)) {
      const own = new Map<string, SubresourceFacts>();
      subresources.set(name, own);
      const scope = { namespaced: one['namespaced'] === true, singular: nameIn(one, 'singularName') };
      kinds.push({ ...common(one, group, version), ...scope, resource: name, kind, subresources: own });
    }
  }
  return unique(kinds);
}

type Common = Pick<DiscoveredKind, 'group' | 'version' | 'verbs' | 'shortNames' | 'categories' | 'storageVersionHash' | 'customSchema'>;

function common(entry: Readonly<Record<string, unknown>>, group: string, version: string): Common {
  return {
    group,
    version,
    verbs: wordsIn(entry, 'verbs'),
    shortNames: wordsIn(entry, 'shortNames'),
    categories: wordsIn(entry, 'categories'),
    storageVersionHash: undefined,
    // Like custom resources, it is published with its own group and version.
    customSchema: {},
  };
}

/** The first of each name. */
function unique(kinds: readonly DiscoveredKind[]): readonly DiscoveredKind[] {
  const names = new Set<string>();
  return kinds.filter(({ resource }) => !names.has(resource) && names.add(resource));
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isRecord) : [];
}

function nameIn(record: Readonly<Record<string, unknown>>, field: string): string {
  const value = record[field];
  return typeof value === 'string' && value.length <= longestName ? value : '';
}

function wordsIn(record: Readonly<Record<string, unknown>>, field: string): readonly string[] {
  const value = record[field];
  if (!Array.isArray(value)) return [];
  const words = value.slice(0, mostWords) as readonly unknown[];
  return words.filter((word): word is string => typeof word === 'string' && word.length <= longestName);
}
