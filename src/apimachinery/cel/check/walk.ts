// The parts of an expression, one level down.

import type { Expression } from '../syntax/expression.js';

export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target === undefined ? expression.arguments : [expression.target, ...expression.arguments];
    case 'list':
      return expression.elements.map(({ value }) => value);
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.entries.map(({ value }) => value);
    case 'comprehension':
      return expression.filter === undefined ? [expression.range, expression.body] : [expression.range, expression.filter, expression.body];
    case 'bind':
      return [expression.value, expression.body];
    case 'optionalMap':
      return [expression.target, expression.body];
  }
}
