// Events in their newer group: stored as core/v1 events. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import type { Event } from '../../../openapi/types/events.v1.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { nameOf } from '../printing/cells.js';
import { age } from '../printing/duration.js';
import { fromStored, toStored } from './conversion.js';
import { eventErrors, eventUpdateErrors } from './rules.js';

const regarding = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

function sourceText({ deprecatedSource, reportingController = '', reportingInstance = '' }: Draft<Event>): string {
  const component = deprecatedSource?.component ?? '';
  const parts = component === '' ? [reportingController, reportingInstance] : [component, deprecatedSource?.host ?? ''];
  return parts.filter((part) => part !== '').join(', ');
}

function cells(object: KubeObject, { now }: TableContext): readonly Cell[] {
  const event = object as Draft<Event>;
  const { series, eventTime, regarding: subject = {} } = event;
  // Times are null when they are not known.
  const first = event.deprecatedFirstTimestamp ?? eventTime ?? undefined;
  const last = series?.lastObservedTime ?? event.deprecatedLastTimestamp ?? eventTime ?? undefined;
  const count = series?.count ?? event.deprecatedCount ?? 0;
  return [
    age(last, now),
    event.type ?? '',
    event.reason ?? '',
    `${(subject.kind ?? '').toLowerCase()}/${subject.name ?? ''}`,
    subject.fieldPath ?? '',
    sourceText(event),
    (event.note ?? '').trim(),
    age(first, now),
    count === 0 ? 1 : count,
    nameOf(object),
  ];
}

export const event: KindDefinition = {
  group: 'events.k8s.io',
  version: 'v1',
  resource: 'events',
  createOnUpdate: true,
  conversion: { fromStored, toStored, storedAs: { group: '', version: 'v1' } },
  strategy: {
    validateCreate: (object) => eventErrors(object),
    validateUpdate: (object, old) => eventUpdateErrors(object, old),
  },
  selectableFields: {
    ...Object.fromEntries(
      regarding.map((field) => [`regarding.${field}`, (object: KubeObject) => (object as Draft<Event>).regarding?.[field] ?? '']),
    ),
    reportingController: (object) => (object as Draft<Event>).reportingController ?? '',
    reason: (object) => (object as Draft<Event>).reason ?? '',
    type: (object) => (object as Draft<Event>).type ?? '',
  },
  cells,
};
