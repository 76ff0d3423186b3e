// From a result to the bytes on the wire, in the form that the client asked for.
import type { EventEncoder } from './encoding/bytes.js';
import { entryPart, eventBytes, jsonBytes, objectBytes } from './encoding/bytes.js';
import { gzipHeaders, gzipped, wantsGzip } from './encoding/compression.js';
import { goTypeOf, listAnswer } from './encoding/list-answer.js';
import { checkMetadataForm, mediaTypes, metaApiVersion, type Representation } from './encoding/media-type.js';
import { protobufEventObject, protobufFrame, protobufMetadata, protobufObject, protobufStream } from './encoding/protobuf.js';
import { textBytes, writeStatus } from './encoding/status-writer.js';
import { includeObjectOf, partialMetadata, tableOf, tableWork, type TableOptions } from './encoding/table.js';
import type { KubeObject } from '../apimachinery/object.js';
import type { ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import type { Clock } from '../clock/clock.js';
import { finish, inSlices, Turn, type Waiter, type Work } from '../clock/slices.js';
import type { Kind } from '../registry/kind.js';
import type { ApiResult, ListResult, ObjectResult, OutgoingEvent, WatchResult } from './core/api-request.js';
import type { WatchMetrics } from './metrics/watch-metrics.js';
import type { Exchange, ResponseHeaders } from './http/exchange.js';
import { Pump } from './http/pump.js';
import { asksWebSocket, WatchSocket } from './websocket/watch-socket.js';

/** What answers share: encodings of events are kept for all watchers. */
export interface Responder {
  readonly clock: Clock;
  readonly events: EventEncoder;
  readonly protobuf: ProtobufCodec;
  /** The streams that are open now; each ends the stream of a stopping server. */
  readonly open: Set<() => void>;
  /** Counts the events that are sent. */
  readonly watches?: WatchMetrics;
}

export interface ResponseContext {
  readonly parameters: URLSearchParams;
  readonly headers: ResponseHeaders;
  /** Whoever waits for it: what is long is left undone when nobody does. */
  readonly waiter?: Waiter;
}

/** Answers at once, but for what is compressed or long. */
export function respond(
  responder: Responder,
  exchange: Exchange,
  result: ApiResult,
  form: Representation,
  context: ResponseContext,
): Promise<void> | undefined {
  const headers: Record<string, string | readonly string[]> = { ...context.headers, 'Content-Type': mediaTypes[form.encoding] };
  switch (result.type) {
    case 'status':
      writeStatus(exchange, result.code, result.status, form, headers, responder.protobuf);
      return undefined;
    case 'object':
      if (form.form === 'table' && form.encoding !== 'protobuf' && result.kind.cellsWork !== undefined)
        return answerInTime(exchange, result.code, headers, inSlices(longTable(responder, result, form, context), context.waiter));
      return answer(exchange, result.code, headers, [objectAnswer(responder, result, form, context)]);
    case 'list':
      return answerInTime(exchange, 200, headers, inSlices(listWork(responder, result, form, context), context.waiter));
    case 'watch':
      streamWatch(responder, exchange, result, form, context);
      return undefined;
  }
}

function answer(exchange: Exchange, code: number, headers: ResponseHeaders, body: readonly Uint8Array[]): Promise<void> | undefined {
  if (!wantsGzip(exchange, body)) {
    exchange.respond(code, headers, body);
    return undefined;
  }
  return gzipped(body).then((bytes) => exchange.respond(code, { ...headers, ...gzipHeaders }, [bytes]));
}

function answerInTime(
  exchange: Exchange,
  code: number,
  headers: ResponseHeaders,
  pieces: readonly Uint8Array[] | Promise<readonly Uint8Array[]>,
): Promise<void> | undefined {
  if (!(pieces instanceof Promise)) return answer(exchange, code, headers, pieces);
  return pieces.then((made) => answer(exchange, code, headers, made));
}

/** The answer in JSON, whatever encoding goes out; undefined for a watch, which has no whole. */
export function jsonAnswer(
  responder: Responder,
  result: ApiResult,
  form: Representation,
  context: ResponseContext,
): Uint8Array | undefined {
  const plain: Representation = { ...form, encoding: 'json', pretty: false };
  switch (result.type) {
    case 'status':
      return textBytes(result.status, plain);
    case 'object':
      return objectAnswer(responder, result, plain, context);
    case 'list':
      return Buffer.concat(finish(listWork(responder, result, plain, context)));
    case 'watch':
      return undefined;
  }
}

function objectAnswer(
  { clock, protobuf }: Responder,
  { kind, object, entry }: ObjectResult,
  form: Representation,
  { parameters }: ResponseContext,
): Uint8Array {
  if (form.form === 'object' && entry !== undefined && isPlain(form)) return objectBytes(kind, entry);
  checkMetadataForm(form, false, goTypeOf(kind));
  if (form.encoding === 'protobuf') {
    return form.form === 'metadata'
      ? protobufMetadata(protobuf, object, metaApiVersion(form))
      : protobufObject(protobuf, object, entry && kind);
  }
  if (form.form === 'table') {
    return textBytes(tableOf([object], tableOptions(kind, object, form, parameters, clock.now())), form);
  }
  return textBytes(form.form === 'metadata' ? partialMetadata(object, metaApiVersion(form)) : object, form);
}

/** What the Table of one object is made with. */
function tableOptions(kind: Kind, object: KubeObject, form: Representation, parameters: URLSearchParams, now: number): TableOptions {
  return {
    kind,
    metadata: { resourceVersion: object.metadata.resourceVersion },
    include: includeObjectOf(parameters.get('includeObject')),
    now,
    apiVersion: metaApiVersion(form),
  };
}

/** The Table of one object whose cells may take long. */
function* longTable(
  { clock }: Responder,
  { kind, object }: ObjectResult,
  form: Representation,
  { parameters }: ResponseContext,
): Work<readonly Uint8Array[]> {
  checkMetadataForm(form, false, goTypeOf(kind));
  return [textBytes(yield* tableWork([object], tableOptions(kind, object, form, parameters, clock.now())), form)];
}

/** JSON as it is stored. */
function isPlain({ encoding, pretty }: Representation): boolean {
  return encoding === 'json' && !pretty;
}

/** In pieces, between which others have their turn when it is long. */
function listWork(
  { clock, protobuf }: Responder,
  result: ListResult,
  form: Representation,
  { parameters }: ResponseContext,
): Work<readonly Uint8Array[]> {
  return listAnswer(result, { form, protobuf, now: clock.now(), include: () => includeObjectOf(parameters.get('includeObject')) });
}

function streamWatch(responder: Responder, exchange: Exchange, result: WatchResult, form: Representation, context: ResponseContext): void {
  const isProtobuf = form.encoding === 'protobuf';
  // Throws for what cannot be shown, before anything has been said.
  const encode = encoderOf(responder, result, form, context);
  if (asksWebSocket(exchange)) {
    WatchSocket.open(exchange, isProtobuf)
      .then((socket) => {
        if (socket !== undefined) runWatch(responder, result, encode, isProtobuf, () => messages(socket, isProtobuf));
      })
      .catch(() => exchange.abort());
    return;
  }
  const stream = exchange.stream(200, { ...context.headers, 'Content-Type': isProtobuf ? protobufStream : mediaTypes.json });
  runWatch(responder, result, encode, isProtobuf, (stop) => {
    const pump = new Pump(stream, () => {
      stop();
      stream.abort();
    });
    return { push: (event) => pump.push(event), end: () => pump.end(), limit: () => pump.limit(), onClose: (run) => exchange.onClose(run) };
  });
}

/** Where the events of a watch go. */
interface EventSink {
  push(event: Uint8Array): void;
  end(): void;
  limit(): void;
  onClose(run: () => void): void;
}

/** `sinkOf` gets the function that ends the watch, for a client that is too slow. */
function runWatch(
  responder: Responder,
  result: WatchResult,
  encode: (event: OutgoingEvent) => Uint8Array,
  isProtobuf: boolean,
  sinkOf: (stop: () => void) => EventSink,
): void {
  let watching: { stop(): void } | undefined = undefined;
  const stop = (): void => {
    responder.open.delete(end);
    watching?.stop();
  };
  const sink = sinkOf(stop);
  const end = (): void => {
    stop();
    sink.end();
  };
  responder.open.add(end);
  const counted = responder.watches?.of(result.kind);
  let initial = true;
  watching = result.start({
    turn: new Turn(),
    begun: () => {
      initial = false;
      sink.limit();
    },
    event: (event) => {
      const bytes = encode(event);
      counted?.sent(bytes.byteLength, initial);
      sink.push(bytes);
    },
    end: (status) => {
      if (status !== undefined) {
        sink.push(isProtobuf ? protobufFrame('ERROR', responder.protobuf.encode(status)) : eventBytes('ERROR', jsonBytes(status)));
      }
      end();
    },
  });
  sink.onClose(stop);
}

/** The messages of a WebSocket need no length before them. */
function messages(socket: WatchSocket, isProtobuf: boolean): EventSink {
  if (!isProtobuf) return socket;
  return {
    push: (event) => socket.push(event.subarray(lengthSize)),
    end: () => socket.end(),
    limit: () => socket.limit(),
    onClose: (run) => socket.onClose(run),
  };
}

/** The bytes of the length before an event in a stream of protobuf. */
const lengthSize = 4;

/** The bytes of one event, for this watcher's form. */
function encoderOf(
  { clock, events, protobuf }: Responder,
  { kind }: WatchResult,
  representation: Representation,
  { parameters }: ResponseContext,
): (event: OutgoingEvent) => Uint8Array {
  const { form, encoding } = representation;
  const version = metaApiVersion(representation);
  if (encoding === 'protobuf' && form !== 'table') {
    const metaVersion = form === 'metadata' ? version : undefined;
    const name = `${kind.version} ${metaVersion ?? form} protobuf`;
    const object = (event: OutgoingEvent): Uint8Array => protobufEventObject(protobuf, kind, metaVersion, event);
    return (event) => events.encode(event, name, object, protobufFrame);
  }
  const plain = (event: OutgoingEvent): Uint8Array => (event.entry === undefined ? jsonBytes(event.object) : entryPart(event.entry));
  if (form === 'object') {
    const name = `${kind.version} object`;
    return (event) => events.encode(event, name, plain);
  }
  if (form === 'metadata') {
    const name = `${kind.version} ${version}`;
    return (event) => events.encode(event, name, ({ object }) => jsonBytes(partialMetadata(object, version)));
  }
  const include = includeObjectOf(parameters.get('includeObject'));
  let first = true;
  return ({ type, object }) => {
    const columns = first;
    first = false;
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    return eventBytes(type, jsonBytes(tableOf([object], { kind, metadata, include, now: clock.now(), apiVersion: version, columns })));
  };
}
