// A core/v1 event and its events.k8s.io view, as the reference showed one stored event at both paths.
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { fromStored, toStored } from './conversion.js';

const metadata = { name: 'ce', namespace: 'demo', creationTimestamp: '2026-01-01T00:00:00Z' };

const pairs: readonly { readonly name: string; readonly core: Mutable; readonly view: Mutable }[] = [
  {
    name: 'an event of the older API',
    core: {
      kind: 'Event',
      apiVersion: 'v1',
      metadata,
      involvedObject: { kind: 'Pod', namespace: 'demo', name: 'p' },
      reason: 'R',
      message: 'm',
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 3,
      type: 'Normal',
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    },
    view: {
      kind: 'Event',
      apiVersion: 'events.k8s.io/v1',
      metadata,
      eventTime: null,
      reason: 'R',
      regarding: { kind: 'Pod', namespace: 'demo', name: 'p' },
      note: 'm',
      type: 'Normal',
      deprecatedSource: { component: 'kubelet', host: 'n1' },
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
      deprecatedCount: 3,
    },
  },
  {
    name: 'an empty event',
    core: {
      kind: 'Event',
      apiVersion: 'v1',
      metadata,
      involvedObject: { namespace: 'demo' },
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    },
    view: {
      kind: 'Event',
      apiVersion: 'events.k8s.io/v1',
      metadata,
      eventTime: null,
      regarding: { namespace: 'demo' },
      deprecatedSource: {},
      deprecatedFirstTimestamp: null,
      deprecatedLastTimestamp: null,
    },
  },
  {
    name: 'an event of the newer API',
    core: {
      kind: 'Event',
      apiVersion: 'v1',
      metadata,
      involvedObject: { kind: 'Pod', namespace: 'demo', name: 'p' },
      reason: 'Scheduled',
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type: 'Warning',
      eventTime: '2026-01-01T00:00:00.000001Z',
      series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' },
      action: 'Bind',
      related: { kind: 'Node', name: 'n' },
      reportingComponent: 'example.com/c',
      reportingInstance: 'c-0',
    },
    view: {
      kind: 'Event',
      apiVersion: 'events.k8s.io/v1',
      metadata,
      eventTime: '2026-01-01T00:00:00.000001Z',
      series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' },
      reportingController: 'example.com/c',
      reportingInstance: 'c-0',
      action: 'Bind',
      reason: 'Scheduled',
      regarding: { kind: 'Pod', namespace: 'demo', name: 'p' },
      related: { kind: 'Node', name: 'n' },
      type: 'Warning',
      deprecatedSource: {},
      deprecatedFirstTimestamp: null,
      deprecatedLastTimestamp: null,
    },
  },
];

test.each(pairs)('$name: the view', ({ core, view }) => {
  expect(fromStored(core as unknown as KubeObject)).toEqual(view);
});

test.each(pairs)('$name: what is stored', ({ core, view }) => {
  expect(toStored(view)).toEqual(core);
});
