// The tables of `/debug/api_priority_and_fairness/`. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#debug-endpoints
import { isResourceRequest } from '../authorization/authorizer.js';
import type { FlowControl } from './flow-control.js';
import type { PriorityLevel } from './priority-level.js';
import type { Ticket } from './ticket.js';

export interface DumpClock {
  now(): number;
  monotonic(): number;
}

/** The table of that name; undefined when there is none. `details` adds who asks for what to `dump_requests`. */
export function dump(control: FlowControl, name: string, clock: DumpClock, details: boolean): string | undefined {
  switch (name) {
    case 'dump_priority_levels':
      return table([levelHead, ...control.levels.map(levelRow)]);
    case 'dump_queues':
      return table([queueHead, ...control.levels.flatMap(queueRows)]);
    case 'dump_requests':
      return table([
        [...requestHead, ...(details ? detailHead : [])],
        ...control.levels.flatMap((level) => requestRows(level, clock, details)),
      ]);
    default:
      return undefined;
  }
}

const levelHead = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

function levelRow(level: PriorityLevel): readonly string[] {
  const { refused } = level;
  return [
    level.name,
    level.activeQueues,
    !level.exempt && level.executing === 0 && level.waiting === 0,
    false,
    level.waiting,
    level.executing,
    level.dispatched,
    refused['concurrency-limit'] + refused['queue-full'],
    refused['time-out'],
    refused.cancelled,
  ].map(String);
}

const queueHead = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];

function queueRows({ name, queues }: PriorityLevel): readonly (readonly string[])[] {
  return queues.map(({ index, waiting, executing, seatsInUse, nextStart }) => {
    let initial = 0;
    let most = 0;
    for (const { ticket } of waiting) {
      initial += ticket.width.initialSeats;
      most += ticket.width.seats;
    }
    const work = `${(most * 0.003).toFixed(8)}ss`;
    return [
      name,
      String(index),
      String(waiting.length),
      String(executing),
      String(seatsInUse),
      `${nextStart.toFixed(8)}ss`,
      String(initial),
      String(most),
      work,
    ];
  });
}

const requestHead = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  // So the real server spells it.
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const detailHead = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];

function requestRows(level: PriorityLevel, clock: DumpClock, details: boolean): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  const row = (ticket: Ticket, place: number): void => {
    const { width } = ticket;
    rows.push([
      level.name,
      ticket.schemaName,
      String(ticket.queue === undefined || place < 0 ? -1 : ticket.queue.index),
      String(place),
      ticket.flow,
      timeOf(ticket.arrived, clock),
      String(width.initialSeats),
      String(width.finalSeats),
      width.finalMilliseconds === 0 ? '0s' : `${width.finalMilliseconds}ms`,
      place < 0 ? timeOf(ticket.started, clock) : '0001-01-01T00:00:00Z',
      ...(details ? detailsOf(ticket) : []),
    ]);
  };
  for (const ticket of level.running) row(ticket, -1);
  for (const queue of level.queues) queue.waiting.forEach(({ ticket }, place) => row(ticket, place));
  return rows;
}

function detailsOf({ request }: Ticket): readonly string[] {
  if (!isResourceRequest(request)) return [request.user.name, request.verb, request.path, '', '', '', '', ''];
  const { group, version, resource, subresource, namespace, name } = request;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const place = namespace === '' ? '' : `/namespaces/${namespace}`;
  const path = `${group === '' ? '/api/' : '/apis/'}${apiVersion}${place}/${resource}${name === '' ? '' : `/${name}`}${subresource === '' ? '' : `/${subresource}`}`;
  return [request.user.name, request.verb, path, namespace, name, apiVersion, resource, subresource];
}

/** A time of the monotonic clock as a time of day. */
function timeOf(monotonic: number, clock: DumpClock): string {
  return new Date(clock.now() - (clock.monotonic() - monotonic)).toISOString();
}

/** Columns as wide as their widest cell, with a comma after all but the last. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)) + 2);
  const last = rows[0]!.length - 1;
  return rows
    .map((row) => `${row.map((cell, column) => (column === last ? cell : `${cell},`.padEnd(widths[column]!))).join('')}\n`)
    .join('');
}
