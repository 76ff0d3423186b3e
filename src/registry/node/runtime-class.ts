// Runtime classes. https://kubernetes.io/docs/concepts/containers/runtime-class/
import type { Toleration } from '../../../openapi/types/core.v1.js';
import type { RuntimeClass } from '../../../openapi/types/node.v1.js';
import { duplicate, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkResources } from '../core/podspec/validate-resources.js';
import { checkTolerations } from '../core/podspec/validate-tolerations.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkLabelName, immutable, needed, type Errors } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { labelMapErrors } from '../rules/selectors.js';

function validate(runtimeClass: Draft<RuntimeClass>): Errors {
  const { handler, overhead, scheduling } = runtimeClass;
  const errors: FieldError[] = [...needed('handler', handler, checkLabelName)];
  // The overhead is the limit of a container that is not there.
  if (overhead !== undefined) checkResources(errors, 'overhead', { limits: sorted(overhead.podFixed) });
  errors.push(...labelMapErrors('scheduling.nodeSelector', scheduling?.nodeSelector));
  const tolerations = scheduling?.tolerations ?? [];
  checkTolerations(errors, 'scheduling.tolerations', tolerations);
  const seen = new Set<string>();
  tolerations.forEach((toleration, index) => {
    const value = shown(toleration);
    const key = JSON.stringify(value);
    if (seen.has(key)) errors.push(duplicate(`scheduling.tolerations[${index}]`, value));
    seen.add(key);
  });
  return errors;
}

/** A toleration as messages show it. */
function shown(toleration: Draft<Toleration>): unknown {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  return {
    Key: key ?? '',
    Operator: operator ?? '',
    Value: value ?? '',
    Effect: effect ?? '',
    TolerationSeconds: tolerationSeconds ?? null,
  };
}

/** Amounts in the order of their names, in which messages tell of them. */
function sorted(amounts: Readonly<Record<string, string | number | undefined>> | undefined): Record<string, string | number> {
  const entries = Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, amount]) => [name, amount ?? 0]));
}

export const runtimeClass: KindDefinition = {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  createOnUpdate: true,
  unconditionalUpdate: false,
  strategy: {
    validate: (object) => validate(object),
    validateUpdate: (object, old) => [
      ...metadataAgain(object, old),
      ...immutable('handler', (object as Draft<RuntimeClass>).handler, (old as Draft<RuntimeClass>).handler),
    ],
  },
  cells: (object, context) => [nameOf(object), (object as Draft<RuntimeClass>).handler ?? '', ageOf(object, context)],
};
