// The rules of tolerations. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import type { Toleration } from '../../../../openapi/types/core.v1.js';
import { invalid, notSupported, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../../apimachinery/names/names.js';
import { check, checkQualifiedName } from '../../rules/fields.js';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const operators = ['Equal', 'Exists'];
/** Operators that a feature off by default brings: they are told with the others when somebody asks for one. */
const comparing = ['Lt', 'Gt'];
const emptyKey = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

export function checkTolerations(errors: FieldError[], field: string, tolerations: readonly Toleration[] | undefined): void {
  tolerations?.forEach(({ key, operator, value, effect, tolerationSeconds }, index) => {
    const at = `${field}[${index}]`;
    if (key !== undefined && key !== '') errors.push(...checkQualifiedName(`${at}.key`, key));
    else if (operator !== 'Exists') errors.push(invalid(`${at}.operator`, operator ?? '', emptyKey));
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    switch ((operator as string | undefined) ?? 'Equal') {
      case '':
      case 'Equal':
        errors.push(...check(`${at}.operator`, value ?? '', labelValueProblems));
        break;
      case 'Exists':
        if (value) errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
        break;
      default:
        errors.push(notSupported(`${at}.operator`, operator, comparing.includes(operator!) ? [...operators, ...comparing] : operators));
    }
    if (effect !== undefined && (effect as string) !== '' && !effects.includes(effect)) {
      errors.push(notSupported(`${at}.effect`, effect, effects));
    }
  });
}
