// From a result to the bytes on the wire, in the form that the client asked for.
import type { EventEncoder } from './encoding/bytes.js';
import { jsonBytes, eventBytes, listBytes, objectBytes } from './encoding/bytes.js';
import { mediaTypes, type Representation } from './encoding/media-type.js';
import {
  protobufEventObject,
  protobufFrame,
  protobufList,
  protobufMetadata,
  protobufMetadataList,
  protobufObject,
  protobufStream,
} from './encoding/protobuf.js';
import { textBytes, writeStatus } from './encoding/status-writer.js';
import { includeObjectOf, partialMetadata, partialMetadataList, tableOf } from './encoding/table.js';
import { apiVersionOf, type KubeObject } from '../apimachinery/object.js';
import type { ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import type { Clock } from '../clock/clock.js';
import type { ApiResult, ListResult, ObjectResult, OutgoingEvent, WatchResult } from './core/api-request.js';
import { inVersion } from './core/versions.js';
import type { Exchange, ResponseHeaders } from './http/exchange.js';
import { Pump } from './http/pump.js';

/** What answers share: encodings of events are kept for all watchers. */
export interface Responder {
  readonly clock: Clock;
  readonly events: EventEncoder;
  readonly protobuf: ProtobufCodec;
  /** The streams that are open now; each ends the stream of a stopping server. */
  readonly open: Set<() => void>;
}

export interface ResponseContext {
  readonly parameters: URLSearchParams;
  readonly headers: ResponseHeaders;
}

export function respond(responder: Responder, exchange: Exchange, result: ApiResult, form: Representation, context: ResponseContext): void {
  const headers: Record<string, string | readonly string[]> = { ...context.headers, 'Content-Type': mediaTypes[form.encoding] };
  switch (result.type) {
    case 'status':
      return writeStatus(exchange, result.code, result.status, form, headers, responder.protobuf);
    case 'object':
      return exchange.respond(result.code, headers, [objectAnswer(responder, result, form, context)]);
    case 'list':
      return exchange.respond(200, headers, [listAnswer(responder, result, form, context)]);
    case 'watch':
      return streamWatch(responder, exchange, result, form, context);
  }
}

function objectAnswer(
  { clock, protobuf }: Responder,
  { kind, object, entry }: ObjectResult,
  form: Representation,
  { parameters }: ResponseContext,
): Uint8Array {
  if (form.encoding === 'protobuf') {
    return form.form === 'metadata' ? protobufMetadata(protobuf, object) : protobufObject(protobuf, object, entry && kind);
  }
  if (form.form === 'table') {
    const table = tableOf(
      kind,
      [object],
      { resourceVersion: object.metadata.resourceVersion },
      includeObjectOf(parameters.get('includeObject')),
      clock.now(),
    );
    return textBytes(table, form);
  }
  if (form.form === 'metadata') return textBytes(partialMetadata(object), form);
  if (entry !== undefined && isPlain(form)) return objectBytes(kind, entry);
  return textBytes(object, form);
}

/** JSON as it is stored. */
function isPlain({ encoding, pretty }: Representation): boolean {
  return encoding === 'json' && !pretty;
}

function listAnswer({ clock, protobuf }: Responder, result: ListResult, form: Representation, { parameters }: ResponseContext): Uint8Array {
  const { kind, entries, metadata } = result;
  if (form.form === 'object' && isPlain(form)) return listBytes(result);
  if (form.form === 'object' && form.encoding === 'protobuf') return protobufList(protobuf, result);
  const objects = entries.map((entry) => inVersion(kind, entry.value));
  if (form.form === 'table')
    return textBytes(tableOf(kind, objects, metadata, includeObjectOf(parameters.get('includeObject')), clock.now()), form);
  if (form.encoding === 'protobuf') return protobufMetadataList(protobuf, objects, metadata);
  if (form.form === 'metadata') return textBytes(partialMetadataList(objects, metadata), form);
  const items = objects.map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = object as KubeObject & Record<string, unknown>;
    return item;
  });
  return textBytes({ kind: kind.listKind, apiVersion: apiVersionOf(kind.group, kind.version), metadata, items }, form);
}

function streamWatch(responder: Responder, exchange: Exchange, result: WatchResult, form: Representation, context: ResponseContext): void {
  const isProtobuf = form.encoding === 'protobuf';
  const stream = exchange.stream(200, { ...context.headers, 'Content-Type': isProtobuf ? protobufStream : mediaTypes.json });
  const encode = encoderOf(responder, result, form, context);
  let watching: { stop(): void } | undefined = undefined;
  const stop = (): void => {
    responder.open.delete(end);
    watching?.stop();
  };
  const pump = new Pump(stream, () => {
    stop();
    stream.abort();
  });
  const end = (): void => {
    stop();
    pump.end();
  };
  responder.open.add(end);
  watching = result.start({
    event: (event) => pump.push(encode(event)),
    end: (status) => {
      if (status !== undefined) {
        pump.push(isProtobuf ? protobufFrame('ERROR', responder.protobuf.encode(status)) : eventBytes('ERROR', jsonBytes(status)));
      }
      end();
    },
  });
  pump.limit();
  exchange.onClose(stop);
}

/** The bytes of one event, for this watcher's form. */
function encoderOf(
  { clock, events, protobuf }: Responder,
  { kind }: WatchResult,
  { form, encoding }: Representation,
  { parameters }: ResponseContext,
): (event: OutgoingEvent) => Uint8Array {
  if (encoding === 'protobuf' && form !== 'table') {
    const name = `${kind.version} ${form} protobuf`;
    const object = (event: OutgoingEvent): Uint8Array => protobufEventObject(protobuf, kind, form, event);
    return (event) => events.encode(event, name, object, protobufFrame);
  }
  const plain = (event: OutgoingEvent): Uint8Array => (event.entry === undefined ? jsonBytes(event.object) : event.entry.bytes());
  if (form === 'object') {
    const name = `${kind.version} object`;
    return (event) => events.encode(event, name, plain);
  }
  if (form === 'metadata') {
    const name = `${kind.version} metadata`;
    return (event) =>
      events.encode(event, name, ({ type, object }) =>
        type === 'BOOKMARK' ? jsonBytes({ ...object, ...partialKind }) : jsonBytes(partialMetadata(object)),
      );
  }
  const include = includeObjectOf(parameters.get('includeObject'));
  let first = true;
  return ({ type, object }) => {
    const columns = first;
    first = false;
    return eventBytes(
      type,
      jsonBytes(
        tableOf(
          kind,
          type === 'BOOKMARK' ? [] : [object],
          { resourceVersion: object.metadata.resourceVersion },
          include,
          clock.now(),
          columns,
        ),
      ),
    );
  };
}

const partialKind = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
