// A rule of a role, and the single permissions that it stands for.
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';

/** A rule of one verb, for one resource of one group (and one name), or for one path. */
export type Atom =
  | { readonly group: string; readonly resource: string; readonly name: string | undefined; readonly verb: string }
  | { readonly url: string; readonly verb: string };

export function* atomsOf(rule: PolicyRule): Iterable<Atom> {
  const names: readonly (string | undefined)[] = (rule.resourceNames ?? []).length === 0 ? [undefined] : rule.resourceNames!;
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) for (const name of names) yield { group, resource, name, verb };
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs ?? []) yield { url, verb };
}

/** An own rule, ready to be asked many times. */
export class HeldRule {
  readonly groups: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly urls: readonly string[];
  readonly #verbs: ReadonlySet<string>;
  readonly #urls: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;

  constructor({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule) {
    this.#verbs = new Set(verbs);
    this.groups = new Set(apiGroups);
    this.resources = new Set(resources);
    this.#names = new Set(resourceNames);
    this.#urls = new Set(nonResourceURLs);
    this.urls = [...this.#urls].filter((url) => url.endsWith('*'));
  }

  covers(atom: Atom): boolean {
    if (!this.hasVerb(atom.verb)) return false;
    if ('url' in atom) return this.hasUrl(atom.url);
    return this.hasGroup(atom.group) && this.hasResource(atom.resource) && this.hasName(atom.name);
  }

  /** Whether all that the rule allows is covered by this one alone, as is usual: then none of its atoms has to be looked at. */
  coversAll({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): boolean {
    const names: readonly (string | undefined)[] = (resourceNames ?? []).length === 0 ? [undefined] : resourceNames!;
    return (
      (verbs ?? []).every((verb) => this.hasVerb(verb)) &&
      (apiGroups ?? []).every((group) => this.hasGroup(group)) &&
      (resources ?? []).every((resource) => this.hasResource(resource)) &&
      ((resources ?? []).length === 0 || names.every((name) => this.hasName(name))) &&
      (nonResourceURLs ?? []).every((url) => this.hasUrl(url))
    );
  }

  hasVerb(verb: string): boolean {
    return this.#verbs.has('*') || this.#verbs.has(verb);
  }

  hasGroup(group: string): boolean {
    return this.groups.has('*') || this.groups.has(group);
  }

  hasResource(resource: string): boolean {
    if (this.resources.has('*') || this.resources.has(resource)) return true;
    const slash = resource.indexOf('/');
    return slash >= 0 && this.resources.has(`*${resource.slice(slash)}`);
  }

  hasName(name: string | undefined): boolean {
    return this.#names.size === 0 || (name !== undefined && this.#names.has(name));
  }

  hasUrl(url: string): boolean {
    return this.#urls.has(url) || this.urls.some((own) => url.startsWith(own.slice(0, -1)));
  }
}
