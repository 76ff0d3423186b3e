// `find` and `findAll`. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library

import { matching, sizeAt } from '../cost/costs.js';
import { failure, isEvaluationError } from '../evaluate/errors.js';
import type { CelValue } from '../values/value.js';
import { ArrayList } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';
import { pattern } from './regex.js';

function compile(text: CelValue): ReturnType<typeof pattern> {
  try {
    return pattern(text as string);
  } catch (error) {
    throw isEvaluationError(error) ? failure(`Illegal regex: ${error.text}`) : error;
  }
}

function find(text: CelValue, expression: CelValue): string {
  const matcher = compile(expression).matcher(text as string);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: CelValue, expression: CelValue, limit: CelValue = -1n): ArrayList {
  const matcher = compile(expression).matcher(text as string);
  const most = Number(limit);
  const found: CelValue[] = [];
  while ((most < 0 || found.length < most) && matcher.find()) found.push(matcher.group() ?? '');
  return new ArrayList(found);
}

const finding: Costs = {
  ...(matching.cost === undefined ? {} : { cost: matching.cost }),
  estimate: (args) => ({ cost: matching.estimate?.(args).cost ?? sizeAt(args, 0), size: { min: 0, max: sizeAt(args, 0).max } }),
};

export function findLibrary(): Library {
  return library([
    overload('string.find(string): string', find, finding),
    overload('string.findAll(string): list(string)', (text, expression) => findAll(text, expression), finding),
    overload('string.findAll(string, int): list(string)', findAll, finding),
  ]);
}
