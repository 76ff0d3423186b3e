// Priority levels. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../../../openapi/types/flowcontrol.v1.js';
import { fieldForbidden, invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { needed, oneOf, type Errors } from '../rules/fields.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { fixedLevelErrors } from './fixed.js';
import { conditionErrors, statusResetFields } from './status.js';

const mostQueues = 10_000_000;
const mostEntropyBits = 60;

/** How many bits it takes to say which hand of so many cards was dealt. */
function entropyBits(deckSize: number, handSize: number): number {
  let bits = 0;
  for (let card = 0; card < handSize; card++) bits += Math.log2(deckSize - card);
  return Math.ceil(bits);
}

function queuingErrors(field: string, queuing: Draft<QueuingConfiguration>): Errors {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors: Errors[number][] = [];
  if (queueLengthLimit <= 0) errors.push(invalid(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalid(`${field}.queues`, queues, 'must be positive'));
  else if (queues > mostQueues) errors.push(invalid(`${field}.queues`, queues, `must not be greater than ${mostQueues}`));
  const path = `${field}.handSize`;
  if (handSize <= 0) errors.push(invalid(path, handSize, 'must be positive'));
  else if (handSize > queues) errors.push(invalid(path, handSize, `should not be greater than queues (${queues})`));
  else if (entropyBits(queues, handSize) > mostEntropyBits) {
    const why = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostEntropyBits}`;
    errors.push(invalid(path, handSize, why));
  }
  return errors;
}

type Shares = Draft<ExemptPriorityLevelConfiguration>;

function sharesErrors(field: string, { nominalConcurrencyShares: shares }: Shares): Errors {
  return (shares ?? 0) < 0 ? [invalid(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : [];
}

function lendingErrors(field: string, { lendablePercent: percent = 0 }: Shares): Errors {
  return percent < 0 || percent > 100 ? [invalid(`${field}.lendablePercent`, percent, 'must be between 0 and 100, inclusive')] : [];
}

function limitedErrors(field: string, limited: Draft<LimitedPriorityLevelConfiguration>): Errors {
  const { limitResponse = {}, borrowingLimitPercent: borrowing } = limited;
  const path = `${field}.limitResponse`;
  const errors = [
    ...sharesErrors(field, limited),
    ...needed(`${path}.type`, limitResponse.type, (place, type) => oneOf(place, type, ['Queue', 'Reject'])),
  ];
  if (limitResponse.type === 'Queue') {
    if (limitResponse.queuing === undefined)
      errors.push(required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
    else errors.push(...queuingErrors(`${path}.queuing`, limitResponse.queuing));
  } else if (limitResponse.type === 'Reject' && limitResponse.queuing !== undefined) {
    errors.push(fieldForbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
  }
  errors.push(...lendingErrors(field, limited));
  if ((borrowing ?? 0) < 0)
    errors.push(invalid(`${field}.borrowingLimitPercent`, borrowing, 'if specified, must be a non-negative integer'));
  return errors;
}

function validate(level: Draft<PriorityLevelConfiguration>): Errors {
  const { type, limited, exempt } = level.spec ?? {};
  const errors: Errors[number][] = [];
  if ((type === 'Exempt') !== (level.metadata?.name === 'exempt') && type !== undefined) {
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  switch (type) {
    case 'Exempt':
      if (limited !== undefined) errors.push(fieldForbidden('spec.limited', 'must be nil if the type is not Limited'));
      else if (exempt !== undefined) errors.push(...sharesErrors('spec.exempt', exempt), ...lendingErrors('spec.exempt', exempt));
      break;
    case 'Limited':
      if (exempt !== undefined) errors.push(fieldForbidden('spec.exempt', 'must be nil if the type is Limited'));
      if (limited === undefined) errors.push(required('spec.limited', 'must not be empty when type is Limited'));
      else errors.push(...limitedErrors('spec.limited', limited));
      break;
    default:
      errors.push(...needed('spec.type', type, (field, value) => oneOf(field, value, ['Exempt', 'Limited'])));
  }
  return errors;
}

export const priorityLevelConfiguration: KindDefinition = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  resource: 'prioritylevelconfigurations',
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([
      ['spec.exempt', (spec) => (spec.type === 'Exempt' && spec.limited === undefined ? {} : undefined)],
      ['spec.exempt.nominalConcurrencyShares', 0],
      ['spec.exempt.lendablePercent', 0],
      ['spec.limited.nominalConcurrencyShares', 30],
      ['spec.limited.lendablePercent', 0],
      ['spec.limited.limitResponse.queuing.queues', 64],
      ['spec.limited.limitResponse.queuing.handSize', 8],
      ['spec.limited.limitResponse.queuing.queueLengthLimit', 50],
    ]),
    ...statusHooks(() => ({})),
    prepareForStatusUpdate: keepAllButStatus,
    statusResetFields,
    validate: (object) => [
      ...validate(object),
      ...fixedLevelErrors(nameOf(object), (object as Draft<PriorityLevelConfiguration>).spec ?? {}),
    ],
    validateStatusUpdate: (object) => conditionErrors((object as Draft<PriorityLevelConfiguration>).status?.conditions),
  },
  cells: (object, context) => {
    const { type = '', limited } = (object as Draft<PriorityLevelConfiguration>).spec ?? {};
    const queuing = limited?.limitResponse?.queuing;
    return [
      nameOf(object),
      type,
      limited?.nominalConcurrencyShares ?? '<none>',
      queuing?.queues ?? '<none>',
      queuing?.handSize ?? '<none>',
      queuing?.queueLengthLimit ?? '<none>',
      ageOf(object, context),
    ];
  },
};
