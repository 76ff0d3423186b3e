// Whether what a user may do covers what rules allow, and how the rest is told.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { Steps, type Work } from '../../clock/slices.js';
import { atomsOf, HeldRule, type Atom } from './held-rule.js';
import { coveredTogether, sizeOf } from './rule-products.js';

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}

/** Own rules by the groups and by the resources that they name, so that few are looked at for each question. */
class Held {
  readonly all: HeldRule[] = [];
  readonly #byGroup = new Map<string, HeldRule[]>();
  readonly #byResource = new Map<string, HeldRule[]>();
  readonly #byUrl: HeldRule[] = [];

  /** Takes in the rules, and yields between them. */
  *take(rules: readonly PolicyRule[], steps: Steps): Work<void> {
    for (const rule of rules) {
      if (steps.due()) yield;
      const held = new HeldRule(rule);
      this.all.push(held);
      for (const group of held.groups) put(this.#byGroup, group, held);
      for (const resource of held.resources) put(this.#byResource, resource, held);
      if ((rule.nonResourceURLs ?? []).length > 0) this.#byUrl.push(held);
    }
  }

  covers(atom: Atom): boolean {
    return this.#askedFor(atom).some((rules) => rules?.some((rule) => rule.covers(atom)) === true);
  }

  /** Whether one own rule covers all of a rule: one that covers its first atom. */
  coversAll(rule: PolicyRule, first: Atom): boolean {
    return this.#askedFor(first).some((rules) => rules?.some((own) => own.covers(first) && own.coversAll(rule)) === true);
  }

  #askedFor(atom: Atom): readonly (readonly HeldRule[] | undefined)[] {
    if ('url' in atom) return [this.#byUrl];
    const { group, resource } = atom;
    const slash = resource.indexOf('/');
    const groups = [this.#byGroup.get(group), this.#byGroup.get('*')];
    const keys = [resource, '*', ...(slash < 0 ? [] : [`*${resource.slice(slash)}`])];
    const resources = keys.map((key) => this.#byResource.get(key));
    return total(groups) < total(resources) ? groups : resources;
  }
}

function put<T>(index: Map<string, T[]>, key: string, value: T): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [value]);
  else known.push(value);
}

function total(lists: readonly (readonly HeldRule[] | undefined)[]): number {
  return lists.reduce((sum, one) => sum + (one?.length ?? 0), 0);
}

/**
 * How many atoms of rules that are not covered are looked at, and how many are told: more make no difference to who reads them. What is left then
 * counts as not covered. A rule of a megabyte may stand for more atoms than can be looked at in a year.
 */
const mostAtoms = 1_000_000;
/** Those of a rule that stands for no more are looked at one by one, whatever was looked at before. */
const smallProduct = 64;
const mostTold = 50_000;

/**
 * What `wanted` allows and `own` does not, a line for each resource (with all its verbs) or path and verb, in order; empty when all is
 * covered. `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`
 */
export function* uncovered(own: readonly PolicyRule[], wanted: readonly PolicyRule[]): Work<readonly string[]> {
  const verbsByResource = new Map<string, string[]>();
  const lines: string[] = [];
  const held = new Held();
  const steps = new Steps(32);
  yield* held.take(own, steps);
  let left = mostAtoms;
  let told = 0;
  for (const rule of wanted) {
    let first = true;
    const isLarge = sizeOf(rule) > smallProduct;
    for (const atom of atomsOf(rule)) {
      if (steps.due()) yield;
      if (first && (held.coversAll(rule, atom) || (isLarge && (yield* coveredTogether(held.all, rule, steps))))) break;
      first = false;
      if (isLarge) left--;
      if (left > 0 && held.covers(atom)) continue;
      if ('url' in atom) lines.push(`{NonResourceURLs:${list([atom.url])}, Verbs:${list([atom.verb])}}`);
      else {
        const name = atom.name === undefined ? '' : `, ResourceNames:${list([atom.name])}`;
        put(verbsByResource, `APIGroups:${list([atom.group])}, Resources:${list([atom.resource])}${name}`, atom.verb);
      }
      if (left <= 0 || ++told >= mostTold) return linesOf(lines, verbsByResource);
    }
  }
  return linesOf(lines, verbsByResource);
}

function linesOf(lines: readonly string[], verbsByResource: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const all = [...lines];
  for (const [place, verbs] of verbsByResource) all.push(`{${place}, Verbs:${list(verbs)}}`);
  return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
