// Rules of events. The messages name the fields of core/v1, as the real server's do.
import { isDeepStrictEqual } from 'node:util';
import type { ObjectReference } from '../../../openapi/types/core.v1.js';
import type { Event } from '../../../openapi/types/events.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkQualifiedName, immutable, type Errors } from '../rules/fields.js';

const longestText = 128;
const longestNote = 1024;

/** Events of objects without a namespace live in these. */
const clusterNamespaces = ['default', 'kube-system'];

function namespaceErrors(event: Draft<Event>): Errors {
  const namespace = event.regarding?.namespace ?? '';
  const own = event.metadata?.namespace ?? '';
  if (namespace !== '' || clusterNamespaces.includes(own)) return [];
  return [invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

function textErrors(field: string, value: string): Errors {
  if (value === '') return [required(field)];
  return value.length > longestText ? [invalid(field, '', `can have at most ${longestText} characters`)] : [];
}

function noteErrors({ note = '' }: Draft<Event>): Errors {
  return note.length > longestNote ? [invalid('message', '', `can have at most ${longestNote} characters`)] : [];
}

function typeErrors(type: string): Errors {
  return type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type}`)];
}

function seriesErrors({ series }: Draft<Event>): Errors {
  if (series === undefined) return [];
  const errors: Errors[number][] = [];
  if ((series.count ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if ((series.lastObservedTime ?? null) === null) errors.push(required('series.lastObservedTime'));
  return errors;
}

function fieldErrors(event: Draft<Event>): Errors {
  const { reportingController = '', reportingInstance = '', action = '', reason = '' } = event;
  return [
    ...(reportingController === '' ? [required('reportingController')] : []),
    ...checkQualifiedName('reportingController', reportingController),
    ...textErrors('reportingInstance', reportingInstance),
    ...textErrors('action', action),
    ...textErrors('reason', reason),
    ...noteErrors(event),
    ...seriesErrors(event),
  ];
}

/** Fields of the older API that a new event leaves alone. */
function deprecatedErrors(event: Draft<Event>): Errors {
  const source = event.deprecatedSource ?? {};
  const set: readonly (readonly [string, boolean])[] = [
    ['firstTimestamp', (event.deprecatedFirstTimestamp ?? null) !== null],
    ['lastTimestamp', (event.deprecatedLastTimestamp ?? null) !== null],
    ['count', (event.deprecatedCount ?? 0) !== 0],
    ['source', (source.component ?? '') !== '' || (source.host ?? '') !== ''],
  ];
  return set.filter(([, there]) => there).map(([field]) => invalid(field, '', 'needs to be unset'));
}

function isNew(event: Draft<Event>): boolean {
  return (event.eventTime ?? null) !== null;
}

/** The broken rules of a new event. */
export function eventErrors(event: Draft<Event>): Errors {
  if (!isNew(event)) return [...namespaceErrors(event), required('eventTime'), ...typeErrors(event.type ?? '')];
  return [...namespaceErrors(event), ...fieldErrors(event), ...typeErrors(event.type ?? ''), ...deprecatedErrors(event)];
}

function shownReference(reference: Draft<ObjectReference> | undefined): unknown {
  if (reference === undefined) return null;
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '', fieldPath = '' } = reference;
  return {
    Kind: kind,
    Namespace: namespace,
    Name: name,
    UID: uid,
    APIVersion: apiVersion,
    ResourceVersion: resourceVersion,
    FieldPath: fieldPath,
  };
}

/** Of an event only the series changes, and metadata. Events of the older API keep their freedom of form. */
export function eventUpdateErrors(now: Draft<Event>, before: Draft<Event>): Errors {
  const source = now.deprecatedSource ?? {};
  const reason = immutable('reason', now.reason ?? '', before.reason ?? '');
  return [
    ...namespaceErrors(now),
    ...(isNew(before) ? fieldErrors(now) : []),
    ...immutable('involvedObject', now.regarding ?? {}, before.regarding ?? {}, shownReference(now.regarding)),
    ...reason,
    ...immutable('message', now.note ?? '', before.note ?? ''),
    ...immutable('source', source, before.deprecatedSource ?? {}, { Component: source.component ?? '', Host: source.host ?? '' }),
    ...immutable('firstTimestamp', now.deprecatedFirstTimestamp ?? null, before.deprecatedFirstTimestamp ?? null),
    ...immutable('lastTimestamp', now.deprecatedLastTimestamp ?? null, before.deprecatedLastTimestamp ?? null),
    ...immutable('count', now.deprecatedCount ?? 0, before.deprecatedCount ?? 0),
    // Told of twice.
    ...reason,
    ...immutable('type', now.type ?? '', before.type ?? ''),
    ...immutable('eventTime', now.eventTime ?? null, before.eventTime ?? null),
    ...immutable('action', now.action ?? '', before.action ?? ''),
    ...(isDeepStrictEqual(now.related, before.related)
      ? []
      : immutable('related', now.related, before.related, shownReference(now.related))),
    ...immutable('reportingController', now.reportingController ?? '', before.reportingController ?? ''),
    ...immutable('reportingInstance', now.reportingInstance ?? '', before.reportingInstance ?? ''),
  ];
}
