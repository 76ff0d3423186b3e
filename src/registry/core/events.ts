// Events. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import type { Event } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { age } from '../printing/duration.js';
import { checkQualifiedName, needed } from '../rules/fields.js';

function applyDefaults(draft: Mutable): void {
  // Clients compare times of events: those that were not given are written as null.
  for (const time of ['firstTimestamp', 'lastTimestamp', 'eventTime']) draft[time] ??= null;
  draft['reportingComponent'] ??= '';
  draft['reportingInstance'] ??= '';
  if (!isRecord(draft['source'])) draft['source'] = {};
}

const longestMessage = 1024;
const longestName = 128;

/** The real server's message leaves out what was too long. */
function lengthErrors(field: string, value: string | undefined, longest: number): FieldError[] {
  return (value?.length ?? 0) > longest ? [invalid(field, '', `can have at most ${longest} characters`)] : [];
}

function validate(object: KubeObject): FieldError[] {
  const event = object as Event;
  const errors: FieldError[] = [];
  const about = event.involvedObject?.namespace ?? '';
  // Events on what is in no namespace are kept in `default`.
  if (about !== (event.metadata.namespace ?? '') && !(about === '' && event.metadata.namespace === 'default')) {
    errors.push(invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  }
  if (!event.eventTime) return errors;
  const component = event.reportingComponent ?? '';
  if (component === '') errors.push(required('reportingComponent'));
  errors.push(
    ...checkQualifiedName('reportingComponent', component),
    ...needed('reportingInstance', event.reportingInstance),
    ...needed('action', event.action),
    ...needed('reason', event.reason),
    ...lengthErrors('reportingInstance', event.reportingInstance, longestName),
    ...lengthErrors('action', event.action, longestName),
    ...lengthErrors('reason', event.reason, longestName),
    ...lengthErrors('message', event.message, longestMessage),
  );
  return errors;
}

function lastSeen({ series, lastTimestamp, firstTimestamp, eventTime }: Event): string | undefined {
  return series?.lastObservedTime || lastTimestamp || firstTimestamp || eventTime || undefined;
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const instance = source?.host || reportingInstance || '';
  return instance === '' ? component : `${component}, ${instance}`;
}

function objectText({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase();
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
}

/** The cells of an event; events.k8s.io/v1 shows the same. */
export function eventCells(object: KubeObject, context: TableContext): readonly Cell[] {
  const event = object as Event;
  const message = (event.message ?? '').trim();
  return [
    age(lastSeen(event), context.now),
    event.type ?? '',
    event.reason ?? '',
    objectText(event),
    event.involvedObject?.fieldPath ?? '',
    sourceText(event),
    message.length > longestMessage ? message.slice(0, longestMessage) : message,
    age(event.firstTimestamp || event.eventTime || undefined, context.now),
    event.series?.count ?? (event.count || 1),
    event.metadata.name,
  ];
}

export const events: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'events',
  nameRule: 'path',
  createOnUpdate: true,
  selectableFields: {
    'involvedObject.kind': (object) => (object as Event).involvedObject?.kind ?? '',
    'involvedObject.namespace': (object) => (object as Event).involvedObject?.namespace ?? '',
    'involvedObject.name': (object) => (object as Event).involvedObject?.name ?? '',
    'involvedObject.uid': (object) => (object as Event).involvedObject?.uid ?? '',
    'involvedObject.apiVersion': (object) => (object as Event).involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': (object) => (object as Event).involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': (object) => (object as Event).involvedObject?.fieldPath ?? '',
    reason: (object) => (object as Event).reason ?? '',
    reportingComponent: (object) => (object as Event).reportingComponent ?? '',
    source: (object) => (object as Event).source?.component || ((object as Event).reportingComponent ?? ''),
    type: (object) => (object as Event).type ?? '',
  },
  indexedFields: ['involvedObject.uid', 'involvedObject.name'],
  strategy: { applyDefaults, validate },
  cells: eventCells,
};
