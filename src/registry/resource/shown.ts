// How messages show claims: the server's own structures, every field written.
import { isRecord } from '../../apimachinery/object.js';
import { nodeSelector } from '../rules/node-selectors.js';
import { always, shownAs, type Shape } from '../rules/shown.js';

const selector: Shape = [['CEL', null, [['Expression', '']], 'cel']];

const toleration: Shape = [
  ['Key', ''],
  ['Operator', ''],
  ['Value', ''],
  ['Effect', ''],
  ['TolerationSeconds', null],
];

const capacity: Shape = [['Requests', null]];

const exactly: Shape = [
  ['DeviceClassName', ''],
  ['Selectors', null, selector],
  ['AllocationMode', ''],
  ['Count', 0],
  ['AdminAccess', null],
  ['Tolerations', null, toleration],
  ['Capacity', null, capacity],
];

const alternative: Shape = [
  ['Name', ''],
  ['DeviceClassName', ''],
  ['Selectors', null, selector],
  ['AllocationMode', ''],
  ['Count', 0],
  ['Tolerations', null, toleration],
  ['Capacity', null, capacity],
];

const opaque: Shape = [
  ['Driver', ''],
  ['Parameters', null],
];

/** A claim's spec. */
export const claimSpec: Shape = [
  [
    'Devices',
    always,
    [
      [
        'Requests',
        null,
        [
          ['Name', ''],
          ['Exactly', null, exactly],
          ['FirstAvailable', null, alternative],
        ],
      ],
      [
        'Constraints',
        null,
        [
          ['Requests', null],
          ['MatchAttribute', null],
          ['DistinctAttribute', null],
        ],
      ],
      [
        'Config',
        null,
        [
          ['Requests', null],
          ['Opaque', null, opaque],
        ],
      ],
    ],
  ],
];

const result: Shape = [
  ['Request', ''],
  ['Driver', ''],
  ['Pool', ''],
  ['Device', ''],
  ['AdminAccess', null],
  ['Tolerations', null, toleration],
  ['BindingConditions', null],
  ['BindingFailureConditions', null],
  ['ShareID', null],
  ['ConsumedCapacity', null],
];

/** A claim's `status.allocation`. */
export const allocation: Shape = [
  [
    'Devices',
    always,
    [
      ['Results', null, result],
      [
        'Config',
        null,
        [
          ['Source', ''],
          ['Requests', null],
          ['Opaque', null, opaque],
        ],
      ],
    ],
  ],
  ['NodeSelector', null, nodeSelector],
  ['AllocationTimestamp', null],
];

/** What tells one allocated device from another. */
export const deviceId: Shape = [
  ['Driver', ''],
  ['Pool', ''],
  ['Device', ''],
  ['ShareID', ''],
];

/** A template's spec: the metadata for its claims in the words of JSON, and their spec. */
export function shownTemplateSpec(spec: unknown): unknown {
  const { metadata, spec: claim } = isRecord(spec) ? spec : { metadata: undefined, spec: undefined };
  return { ...(isRecord(metadata) ? metadata : {}), Spec: shownAs(claimSpec, claim ?? {}) };
}
