// Whether what a user may do covers what rules allow, and how the rest is told.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';

/** A rule of one verb, for one resource of one group (and one name), or for one path. */
type Atom =
  | { readonly group: string; readonly resource: string; readonly name: string | undefined; readonly verb: string }
  | { readonly url: string; readonly verb: string };

function* atomsOf(rule: PolicyRule): Iterable<Atom> {
  const names: readonly (string | undefined)[] = (rule.resourceNames ?? []).length === 0 ? [undefined] : rule.resourceNames!;
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) for (const name of names) yield { group, resource, name, verb };
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs ?? []) yield { url, verb };
}

function has(list: readonly string[] | undefined | null, value: string): boolean {
  return list != null && (list.includes('*') || list.includes(value));
}

function hasResource(list: readonly string[] | undefined | null, resource: string): boolean {
  if (has(list, resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && has(list, `*${resource.slice(slash)}`);
}

function hasUrl(list: readonly string[] | undefined | null, url: string): boolean {
  return (list ?? []).some((own) => own === '*' || own === url || (own.endsWith('*') && url.startsWith(own.slice(0, -1))));
}

function covers(rule: PolicyRule, atom: Atom): boolean {
  if (!has(rule.verbs, atom.verb)) return false;
  if ('url' in atom) return hasUrl(rule.nonResourceURLs, atom.url);
  if (!has(rule.apiGroups, atom.group) || !hasResource(rule.resources, atom.resource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || (atom.name !== undefined && names.includes(atom.name));
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

/** Own rules by the groups and by the resources that they name, so that few are looked at for each question. */
class Held {
  readonly #byGroup = new Map<string, PolicyRule[]>();
  readonly #byResource = new Map<string, PolicyRule[]>();
  readonly #byUrl: readonly PolicyRule[];

  constructor(rules: readonly PolicyRule[]) {
    for (const rule of rules) {
      for (const group of new Set(rule.apiGroups ?? [])) put(this.#byGroup, group, rule);
      for (const resource of new Set(rule.resources ?? [])) put(this.#byResource, resource, rule);
    }
    this.#byUrl = rules.filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0);
  }

  covers(atom: Atom): boolean {
    if ('url' in atom) return this.#byUrl.some((rule) => covers(rule, atom));
    const { group, resource } = atom;
    const slash = resource.indexOf('/');
    const groups = [this.#byGroup.get(group), this.#byGroup.get('*')];
    const keys = [resource, '*', ...(slash < 0 ? [] : [`*${resource.slice(slash)}`])];
    const resources = keys.map((key) => this.#byResource.get(key));
    const few = total(groups) < total(resources) ? groups : resources;
    return few.some((rules) => rules?.some((rule) => covers(rule, atom)) === true);
  }
}

function put(index: Map<string, PolicyRule[]>, key: string, rule: PolicyRule): void {
  const rules = index.get(key);
  if (rules === undefined) index.set(key, [rule]);
  else rules.push(rule);
}

function total(lists: readonly (readonly PolicyRule[] | undefined)[]): number {
  return lists.reduce((sum, one) => sum + (one?.length ?? 0), 0);
}

/**
 * What `wanted` allows and `own` does not, a line for each resource (with all its verbs) or path and verb, in order; empty when all is
 * covered. `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`
 */
export function uncovered(own: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly string[] {
  const verbsByResource = new Map<string, string[]>();
  const lines: string[] = [];
  const held = new Held(own);
  for (const rule of wanted) {
    for (const atom of atomsOf(rule)) {
      if (held.covers(atom)) continue;
      if ('url' in atom) {
        lines.push(`{NonResourceURLs:${list([atom.url])}, Verbs:${list([atom.verb])}}`);
        continue;
      }
      const name = atom.name === undefined ? '' : `, ResourceNames:${list([atom.name])}`;
      const place = `APIGroups:${list([atom.group])}, Resources:${list([atom.resource])}${name}`;
      const verbs = verbsByResource.get(place);
      if (verbs === undefined) verbsByResource.set(place, [atom.verb]);
      else verbs.push(atom.verb);
    }
  }
  for (const [place, verbs] of verbsByResource) lines.push(`{${place}, Verbs:${list(verbs)}}`);
  return lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
