// The one place that turns an error into an answer.
import { jsonLine, jsonText } from '../../apimachinery/codec/json.js';
import { ApiError, internalError } from '../../apimachinery/errors/api-error.js';
import type { Status } from '../../apimachinery/object.js';
import type { ProtobufCodec } from '../../apimachinery/protobuf/codec.js';
import type { Exchange, ResponseHeaders } from '../http/exchange.js';
import { BodyTooLarge } from '../http/exchange.js';
import { mediaTypes, type Representation } from './media-type.js';
import { protobufObject } from './protobuf.js';
import { yamlBytes } from './yaml.js';

/** Writes what `error` means to a client. `unexpected` is told of errors that are no answer of ours: bugs, which become a 500. */
export function writeError(
  exchange: Exchange,
  error: unknown,
  form: Representation,
  headers: ResponseHeaders,
  protobuf: ProtobufCodec,
  unexpected: (error: unknown) => void,
): void {
  const answer = answerTo(error, unexpected);
  writeStatus(exchange, answer.code, answer.status, form, { ...headers, ...answer.headers }, protobuf);
}

export function writeStatus(
  exchange: Exchange,
  code: number,
  status: Status,
  form: Representation,
  headers: ResponseHeaders,
  protobuf: ProtobufCodec,
): void {
  const body = form.encoding === 'protobuf' ? protobufObject(protobuf, status, undefined) : textBytes(status, form);
  exchange.respond(code, { 'Content-Type': mediaTypes[form.encoding], ...headers }, [body]);
}

/** What a client is told of an error. `unexpected` is told of those that are bugs. */
export function answerTo(error: unknown, unexpected?: (error: unknown) => void): ApiError {
  const known = apiError(error);
  if (known === undefined) unexpected?.(error);
  return known ?? internalError('the server met an error of its own; its log has it');
}

/** A value as YAML or JSON. */
export function textBytes(value: unknown, { encoding, pretty }: Representation): Uint8Array {
  if (encoding === 'yaml') return yamlBytes(value);
  return pretty ? Buffer.from(jsonText(value, true)) : jsonLine(value);
}

function apiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof BodyTooLarge) {
    return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${error.limit}`);
  }
  return undefined;
}
