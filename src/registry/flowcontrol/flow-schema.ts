// Flow schemas. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
import type { FlowSchema, FlowSchemaSpec } from '../../../openapi/types/flowcontrol.v1.js';
import { invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkSubdomain, eachAlone, type Errors } from '../rules/fields.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { fixedSchemaErrors } from './fixed.js';
import { policyRulesErrors } from './policy-rules.js';
import { conditionErrors, statusResetFields } from './status.js';

const highestPrecedence = 10000;

function specErrors(spec: Draft<FlowSchemaSpec>, name: string): Errors {
  const { matchingPrecedence: precedence = 0, distinguisherMethod: method, priorityLevelConfiguration: level } = spec;
  const errors: Errors[number][] = [];
  const field = 'spec.matchingPrecedence';
  if (precedence <= 0) errors.push(invalid(field, precedence, 'must be a positive value'));
  if (precedence > highestPrecedence) errors.push(invalid(field, precedence, `must not be greater than ${highestPrecedence}`));
  if (precedence === 1 && name !== 'exempt')
    errors.push(invalid(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  if (method !== undefined && method.type !== 'ByNamespace' && method.type !== 'ByUser') {
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: method.type ?? '' }, ['ByNamespace', 'ByUser']));
  }
  const levelName = level?.name ?? '';
  if (levelName === '') errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  else errors.push(...checkSubdomain('spec.priorityLevelConfiguration.name', levelName));
  return [...errors, ...eachAlone('spec.rules', spec.rules, policyRulesErrors)];
}

/** `True` when the schema names no priority level that is there, `?` while nobody has looked. */
function missingLevel(schema: Draft<FlowSchema>): string {
  const dangling = (schema.status?.conditions ?? []).find(({ type }) => type === 'Dangling');
  return dangling?.status === undefined ? '?' : dangling.status;
}

const precedenceOf = (object: KubeObject): number => (object as FlowSchema).spec?.matchingPrecedence ?? 0;

export const flowSchema: KindDefinition = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  resource: 'flowschemas',
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([['spec.matchingPrecedence', 1000]]),
    ...statusHooks(() => ({})),
    prepareForStatusUpdate: keepAllButStatus,
    statusResetFields,
    validate: (object) => {
      const spec = (object as Draft<FlowSchema>).spec ?? {};
      return [...specErrors(spec, nameOf(object)), ...fixedSchemaErrors(nameOf(object), spec)];
    },
    validateStatusUpdate: (object) => conditionErrors((object as Draft<FlowSchema>).status?.conditions),
  },
  cells: (object, context) => {
    const schema = object as Draft<FlowSchema>;
    return [
      nameOf(object),
      schema.spec?.priorityLevelConfiguration?.name ?? '<none>',
      schema.spec?.matchingPrecedence ?? 0,
      schema.spec?.distinguisherMethod?.type ?? '<none>',
      ageOf(object, context),
      missingLevel(schema),
    ];
  },
  // As requests are matched with them; the names are in order already.
  rowOrder: (one, other) => precedenceOf(one) - precedenceOf(other),
};
