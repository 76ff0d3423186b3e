// The flow schemas and priority levels that a server cannot do without: their specs are what they are.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#mandatory-configuration-objects
import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from '../../../openapi/types/flowcontrol.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Errors } from '../rules/fields.js';
import { always, shownAs, type Shape } from '../rules/shown.js';

const any = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

const schemas: ReadonlyMap<string, FlowSchemaSpec> = new Map<string, FlowSchemaSpec>([
  [
    'exempt',
    {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 1,
      rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:masters' } }], ...any }],
    },
  ],
  [
    'catch-all',
    {
      priorityLevelConfiguration: { name: 'catch-all' },
      matchingPrecedence: 10000,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [
            { kind: 'Group', group: { name: 'system:unauthenticated' } },
            { kind: 'Group', group: { name: 'system:authenticated' } },
          ],
          ...any,
        },
      ],
    },
  ],
]);

const catchAllLevel: PriorityLevelConfigurationSpec = {
  type: 'Limited',
  limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
};

const named: Shape = [['Name', '']];

const schemaShape: Shape = [
  ['PriorityLevelConfiguration', always, named],
  ['MatchingPrecedence', 0],
  ['DistinguisherMethod', null, [['Type', '']]],
  [
    'Rules',
    null,
    [
      [
        'Subjects',
        null,
        [
          ['Kind', ''],
          ['User', null, named],
          ['Group', null, named],
          [
            'ServiceAccount',
            null,
            [
              ['Namespace', ''],
              ['Name', ''],
            ],
          ],
        ],
      ],
      [
        'ResourceRules',
        null,
        [
          ['Verbs', null],
          ['APIGroups', null, undefined, 'apiGroups'],
          ['Resources', null],
          ['ClusterScope', false],
          ['Namespaces', null],
        ],
      ],
      [
        'NonResourceRules',
        null,
        [
          ['Verbs', null],
          ['NonResourceURLs', null],
        ],
      ],
    ],
  ],
];

const levelShape: Shape = [
  ['Type', ''],
  [
    'Limited',
    null,
    [
      ['NominalConcurrencyShares', 0],
      [
        'LimitResponse',
        always,
        [
          ['Type', ''],
          [
            'Queuing',
            null,
            [
              ['Queues', 0],
              ['HandSize', 0],
              ['QueueLengthLimit', 0],
            ],
          ],
        ],
      ],
      ['LendablePercent', null],
      ['BorrowingLimitPercent', null],
    ],
  ],
  [
    'Exempt',
    null,
    [
      ['NominalConcurrencyShares', null],
      ['LendablePercent', null],
    ],
  ],
];

/** What is wrong with the spec of a schema of this name. */
export function fixedSchemaErrors(name: string, spec: Draft<FlowSchemaSpec>): Errors {
  const fixed = schemas.get(name);
  if (fixed === undefined || deepEqual(spec, fixed)) return [];
  return [invalid('spec', shownAs(schemaShape, spec), `spec of '${name}' must equal the fixed value`)];
}

/** What is wrong with the spec of a level of this name; how many shares the exempt level has may be chosen. */
export function fixedLevelErrors(name: string, spec: Draft<PriorityLevelConfigurationSpec>): Errors {
  if (name === 'exempt') {
    if (spec.type === 'Exempt' && spec.limited === undefined) return [];
    const why = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
    return [invalid('spec', shownAs(levelShape, spec), why)];
  }
  if (name !== 'catch-all' || deepEqual(spec, catchAllLevel)) return [];
  return [invalid('spec', shownAs(levelShape, spec), `spec of '${name}' must equal the fixed value`)];
}
