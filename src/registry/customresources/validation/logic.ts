// Combinations of schemas.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { isRecord } from '../../../apimachinery/object.js';
import type { Work } from '../../../clock/slices.js';
import type { Schema } from '../../apiextensions/schema-walk.js';
import { longCheck, validation, type LongCheck } from './long.js';
import type { Check } from './numbers.js';
import type { ValidationWalk } from './walk.js';

function listOf(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [];
}

interface Apart {
  readonly errors: ValidationWalk['errors'];
  readonly matches: number;
}

/** Begins a check by itself; the function ends it and returns its errors and how far it got. */
function beginApart(walk: ValidationWalk): () => Apart {
  const { errors, matches } = walk;
  walk.errors = [];
  walk.matches = 0;
  return () => {
    const result = { errors: walk.errors, matches: walk.matches };
    walk.errors = errors;
    walk.matches = matches;
    return result;
  };
}

function apart(check: Check, value: unknown, walk: ValidationWalk): Apart {
  const end = beginApart(walk);
  check(value, walk);
  return end();
}

function* apartWork(check: LongCheck, value: unknown, walk: ValidationWalk): Work<Apart> {
  const end = beginApart(walk);
  yield* validation(check, value, walk);
  return end();
}

/** `anyOf` and `oneOf`: told are the failure and the errors of the alternative that got furthest. */
class Alternatives {
  #best: Apart | undefined;
  #valid = 0;
  #success = 0;

  constructor(private readonly one: boolean) {}

  /** What one of them found. Returns whether that decides. */
  add(result: Apart): boolean {
    if (result.errors.length === 0) {
      if (this.#valid === 0) this.#success = result.matches;
      this.#valid++;
      return !this.one;
    }
    if (this.#best === undefined || result.matches > this.#best.matches) this.#best = result;
    return false;
  }

  conclude(walk: ValidationWalk): void {
    const valid = this.#valid;
    if (valid === 1 || (valid > 0 && !this.one)) {
      walk.matches += this.#success;
      return;
    }
    const place = `"${walk.path}"`;
    if (!this.one) walk.combined(`${place} must validate at least one schema (anyOf)`);
    else if (valid === 0) walk.combined(`${place} must validate one and only one schema (oneOf). Found none valid`);
    else walk.combined(`${place} must validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    if (valid > 0 || this.#best === undefined) return;
    walk.errors.push(...this.#best.errors);
    walk.matches += this.#best.matches;
  }
}

function alternatives(checks: readonly LongCheck[], one: boolean): LongCheck {
  return longCheck(
    (value, walk) => {
      const found = new Alternatives(one);
      for (const check of checks) if (found.add(apart(check, value, walk))) break;
      found.conclude(walk);
    },
    function* (value, walk) {
      const found = new Alternatives(one);
      for (const check of checks) if (found.add(yield* apartWork(check, value, walk))) break;
      found.conclude(walk);
    },
  );
}

function allOf(checks: readonly LongCheck[]): LongCheck {
  const conclude = (validated: number, walk: ValidationWalk): void => {
    if (validated === checks.length) return;
    walk.combined(`"${walk.path}" must validate all the schemas (allOf)${validated === 0 ? '. None validated' : ''}`);
  };
  return longCheck(
    (value, walk) => {
      let validated = 0;
      for (const check of checks) {
        const before = walk.errors.length;
        check(value, walk);
        if (walk.errors.length === before) validated++;
      }
      conclude(validated, walk);
    },
    function* (value, walk) {
      let validated = 0;
      for (const check of checks) {
        const before = walk.errors.length;
        yield* validation(check, value, walk);
        if (walk.errors.length === before) validated++;
      }
      conclude(validated, walk);
    },
  );
}

function not(check: LongCheck): LongCheck {
  const conclude = ({ errors }: Apart, walk: ValidationWalk): void => {
    if (errors.length === 0) walk.combined(`"${walk.path}" must not validate the schema (not)`);
  };
  return longCheck(
    (value, walk) => conclude(apart(check, value, walk), walk),
    function* (value, walk) {
      conclude(yield* apartWork(check, value, walk), walk);
    },
  );
}

/** The rules of `anyOf`, `oneOf`, `allOf` and `not`, in the order in which they are told. */
export function logicChecks(schema: Schema, compile: (schema: Schema) => LongCheck): readonly LongCheck[] {
  const checks: LongCheck[] = [];
  const [any, one, all] = [listOf(schema.anyOf), listOf(schema.oneOf), listOf(schema.allOf)];
  if (any.length > 0) checks.push(alternatives(any.map(compile), false));
  if (one.length > 0) checks.push(alternatives(one.map(compile), true));
  if (all.length > 0) checks.push(allOf(all.map(compile)));
  if (isRecord(schema.not)) checks.push(not(compile(schema.not)));
  return checks;
}
