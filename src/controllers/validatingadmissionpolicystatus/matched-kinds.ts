// The kinds that the rules of a policy name, with their schemas.
import type { MatchResources, ParamKind } from '../../../openapi/types/admissionregistration.v1.js';
import type { StructuralSchema } from '../../apimachinery/cel/schema-type.js';
import { parseApiVersion } from '../../apimachinery/object.js';
import type { Client, ServedSchema } from '../../client/client.js';
import type { CheckedKind } from '../../registry/admissionregistration/type-check.js';
import { compareText } from '../shared/sort.js';

/** So many kinds are checked; further ones are not. */
const mostKinds = 10;

/** Asks for each version's schemas once. */
export class Schemas {
  readonly #asked = new Map<string, Promise<readonly ServedSchema[]>>();
  #versions: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  constructor(private readonly client: Client) {}

  of(group: string, version: string): Promise<readonly ServedSchema[]> {
    const key = `${group}/${version}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) this.#asked.set(key, (asked = this.client.schemas?.(group, version) ?? Promise.resolve([])));
    return asked;
  }

  /** The groups that have the resource in this version: the real controller takes the core group for any. */
  async groupsWith(resource: string, version: string): Promise<readonly string[]> {
    this.#versions ??= this.client.discover().then((all) => {
      const found = new Map<string, string[]>();
      for (const one of all) {
        const key = `${one.resource}.${one.version}`;
        const groups = found.get(key);
        if (groups === undefined) found.set(key, [one.group]);
        else groups.push(one.group);
      }
      return found;
    });
    return (await this.#versions).get(`${resource}.${version}`) ?? [];
  }
}

/** In the order of their names. Rules with wildcards and subresources name no kind. */
export async function matchedKinds(match: MatchResources | undefined, schemas: Schemas): Promise<readonly CheckedKind[]> {
  const found = new Map<string, CheckedKind>();
  for (const rule of match?.resourceRules ?? []) {
    const { apiGroups = [], apiVersions = [], resources = [] } = rule;
    if ([...apiGroups, ...apiVersions].includes('*') || resources.some((resource) => resource.split('/')[0] === '*')) continue;
    for (const group of sorted(apiGroups))
      for (const version of sorted(apiVersions))
        for (const resource of sorted(resources)) {
          if (resource.includes('/')) continue;
          for (const kind of await kindsOf(group, version, resource, schemas)) {
            if (found.size === mostKinds) return inOrder(found);
            found.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
          }
        }
  }
  return inOrder(found);
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort(compareText);
}

function inOrder(found: ReadonlyMap<string, CheckedKind>): readonly CheckedKind[] {
  return [...found.values()].sort(
    (a, b) => compareText(a.group, b.group) || compareText(a.version, b.version) || compareText(a.kind, b.kind),
  );
}

async function kindsOf(group: string, version: string, resource: string, schemas: Schemas): Promise<readonly CheckedKind[]> {
  const groups = group === '' ? ['', ...(await schemas.groupsWith(resource, version)).filter((one) => one !== '')] : [group];
  const kinds: CheckedKind[] = [];
  for (const one of groups) {
    const served = (await schemas.of(one, version)).find((candidate) => candidate.resource === resource);
    if (served !== undefined) kinds.push({ group: one, version, kind: served.kind, schema: served.schema() });
  }
  return kinds;
}

/** Undefined when there are no parameters, or nobody knows their kind. */
export async function paramSchema(paramKind: ParamKind | undefined, schemas: Schemas): Promise<StructuralSchema | undefined> {
  if (paramKind == null) return undefined;
  const { group, version } = parseApiVersion(paramKind.apiVersion ?? '');
  return (await schemas.of(group, version)).find(({ kind }) => kind === paramKind.kind)?.schema();
}
