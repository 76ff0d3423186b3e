// Very many requirements of one label selector, put together by key: to match takes the time that the labels take, not the requirements.
import { boundsOf, type LabelRequirement, type Labels } from './requirement.js';

/** All that is required of one label. */
interface Required {
  /** Whether the label must be there. */
  present: boolean;
  /** Whether it must not. */
  absent: boolean;
  /** The values that it may have, if it is not free. */
  allowed: ReadonlySet<string> | undefined;
  readonly refused: Set<string>;
  /** For `gt` and `lt`, which are rare. */
  readonly others: LabelRequirement[];
}

export class RequirementsByKey {
  readonly #byKey = new Map<string, Required>();
  /** How many labels there must be. */
  #present = 0;

  constructor(requirements: readonly LabelRequirement[]) {
    for (const requirement of requirements) this.#add(requirement);
    for (const { present } of this.#byKey.values()) if (present) this.#present++;
  }

  match(labels: Labels): boolean {
    let present = 0;
    for (const key in labels) {
      const required = Object.hasOwn(labels, key) ? this.#byKey.get(key) : undefined;
      if (required === undefined) continue;
      if (!fits(required, labels[key]!)) return false;
      if (required.present) present++;
    }
    return present === this.#present;
  }

  #add(requirement: LabelRequirement): void {
    const { key, operator, values } = requirement;
    let required = this.#byKey.get(key);
    if (required === undefined)
      this.#byKey.set(key, (required = { present: false, absent: false, allowed: undefined, refused: new Set(), others: [] }));
    switch (operator) {
      case '!=':
      case 'notin':
        for (const value of values) required.refused.add(value);
        return;
      case '!':
        required.absent = true;
        return;
      case 'gt':
      case 'lt':
        required.others.push(requirement);
        break;
      case '=':
      case '==':
      case 'in': {
        const { allowed } = required;
        required.allowed = new Set(allowed === undefined ? values : values.filter((value) => allowed.has(value)));
        break;
      }
      case 'exists':
    }
    required.present = true;
  }
}

function fits({ absent, allowed, refused, others }: Required, value: string): boolean {
  return !absent && !refused.has(value) && (allowed === undefined || allowed.has(value)) && boundsOf(others, value);
}
