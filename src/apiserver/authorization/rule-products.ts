// Rules that stand for very many permissions: what every verb, group, resource and name of them have in common is looked at once.
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import type { Steps, Work } from '../../clock/slices.js';
import type { HeldRule } from './held-rule.js';

/** So many questions are asked of own rules, and so many combinations are looked at; a rule that needs more is looked at permission by permission. */
const mostQuestions = 5_000_000;
const mostCombinations = 1_000_000;

/** How many single permissions a rule stands for. */
export function sizeOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): number {
  const names = Math.max(1, resourceNames?.length ?? 0);
  return (verbs ?? []).length * ((apiGroups ?? []).length * (resources ?? []).length * names + (nonResourceURLs ?? []).length);
}

/** The values that are asked about; only a name may be undefined, which stands for all of them. */
type Question = readonly [values: readonly (string | undefined)[], allows: (own: HeldRule, value: string | undefined) => boolean];

/**
 * Whether own rules together cover all that a rule allows. Values that the same own rules allow are alike, so one of them stands for all: what
 * counts is in how many ways own rules differ, not how many permissions the rule stands for. False as well when that is too many.
 */
export function* coveredTogether(own: readonly HeldRule[], rule: PolicyRule, steps: Steps): Work<boolean> {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const names: readonly (string | undefined)[] = (resourceNames ?? []).length === 0 ? [undefined] : resourceNames!;
  const ofVerbs: Question = [verbs ?? [], (one, verb) => one.hasVerb(verb ?? '')];
  const ofResources = [
    ofVerbs,
    [apiGroups ?? [], (one, group) => one.hasGroup(group ?? '')],
    [resources ?? [], (one, resource) => one.hasResource(resource ?? '')],
    [names, (one, name) => one.hasName(name)],
  ] satisfies Question[];
  const ofUrls = [ofVerbs, [nonResourceURLs ?? [], (one, url) => one.hasUrl(url ?? '')]] satisfies Question[];
  return (yield* productCovered(own, ofResources, steps)) && (yield* productCovered(own, ofUrls, steps));
}

/** Whether each combination of values is allowed by one own rule. */
function* productCovered(own: readonly HeldRule[], questions: readonly Question[], steps: Steps): Work<boolean> {
  if (questions.some(([values]) => values.length === 0)) return true;
  if (own.length * questions.reduce((sum, [values]) => sum + values.length, 0) > mostQuestions) return false;
  // For each question, the different sets of own rules that allow a value, a bit for each rule.
  let alike: readonly bigint[] | undefined;
  for (const [values, allows] of questions) {
    const found = new Set<string>();
    for (const value of values) {
      let bits = '0b0';
      for (const one of own) {
        if (steps.due()) yield;
        bits += allows(one, value) ? '1' : '0';
      }
      found.add(bits);
    }
    const sets = [...found].map(BigInt);
    if (alike === undefined) alike = sets;
    else {
      if (alike.length * sets.length > mostCombinations) return false;
      const combined = new Set<bigint>();
      for (const before of alike) {
        for (const set of sets) {
          if (steps.due()) yield;
          combined.add(before & set);
        }
      }
      alike = [...combined];
    }
    // No own rule is left for some of the values.
    if (alike.includes(0n)) return false;
  }
  return true;
}
