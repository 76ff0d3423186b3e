// `find` and `findAll`. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library

import { matching, sizeAt } from '../cost/costs.js';
import { failure, isEvaluationError } from '../evaluate/errors.js';
import type { Patience } from '../regex/patience.js';
import type { CelValue } from '../values/value.js';
import { ArrayList } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, patientOverload } from './overload.js';
import { pattern } from './regex.js';

function compile(text: CelValue): ReturnType<typeof pattern> {
  try {
    return pattern(text as string);
  } catch (error) {
    throw isEvaluationError(error) ? failure(`Illegal regex: ${error.text}`) : error;
  }
}

function find(patience: Patience | undefined, text: CelValue, expression: CelValue): string {
  return compile(expression).matches(text as string, 1, patience)[0] ?? '';
}

function findAll(patience: Patience | undefined, text: CelValue, expression: CelValue, limit: CelValue = -1n): ArrayList {
  return new ArrayList(compile(expression).matches(text as string, Number(limit), patience));
}

const finding: Costs = {
  ...(matching.cost === undefined ? {} : { cost: matching.cost }),
  estimate: (args) => ({ cost: matching.estimate?.(args).cost ?? sizeAt(args, 0), size: { min: 0, max: sizeAt(args, 0).max } }),
};

export function findLibrary(): Library {
  return library([
    patientOverload('string.find(string): string', find, finding),
    patientOverload('string.findAll(string): list(string)', findAll, finding),
    patientOverload('string.findAll(string, int): list(string)', findAll, finding),
  ]);
}
