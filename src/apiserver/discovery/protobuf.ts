// Discovery documents in protobuf. Their messages are not in the recorded OpenAPI: fields and numbers are as the real server sends them.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { envelope } from '../../apimachinery/protobuf/envelope.js';
import { WireWriter } from '../../apimachinery/protobuf/writer.js';

/**
 * One field: its number, and what it is. `text` and `flag` are written even when they are empty, as are `message`s; `texts` and
 * `messages` are lists, `optional` is a message that may be absent, `wrapped` a list of texts in a message of its own.
 */
type Field =
  | readonly [number: number, shape: 'text' | 'texts' | 'flag' | 'zero' | 'wrapped']
  | readonly [number: number, shape: 'message' | 'messages' | 'optional', fields: Fields];
/** The fields of a message by their JSON names, in the order of their numbers. */
type Fields = Readonly<Record<string, Field>>;

const addresses: Field = [2, 'messages', { clientCIDR: [1, 'text'], serverAddress: [2, 'text'] }];
const version: Fields = { groupVersion: [1, 'text'], version: [2, 'text'] };
const group: Fields = { name: [1, 'text'], versions: [2, 'messages', version], preferredVersion: [3, 'message', version] };
const resource: Fields = {
  name: [1, 'text'],
  namespaced: [2, 'flag'],
  kind: [3, 'text'],
  verbs: [4, 'wrapped'],
  shortNames: [5, 'texts'],
  singularName: [6, 'text'],
  categories: [7, 'texts'],
  group: [8, 'text'],
  version: [9, 'text'],
  storageVersionHash: [10, 'text'],
};
const listMeta: Fields = { selfLink: [1, 'text'], resourceVersion: [2, 'text'], continue: [3, 'text'] };
const objectMeta: Fields = {
  name: [1, 'text'],
  generateName: [2, 'text'],
  namespace: [3, 'text'],
  selfLink: [4, 'text'],
  uid: [5, 'text'],
  resourceVersion: [6, 'text'],
  generation: [7, 'zero'],
  creationTimestamp: [8, 'message', {}],
};
const groupVersionKind: Fields = { group: [1, 'text'], version: [2, 'text'], kind: [3, 'text'] };
const subresource: Fields = {
  subresource: [1, 'text'],
  responseKind: [2, 'optional', groupVersionKind],
  acceptedTypes: [3, 'messages', groupVersionKind],
  verbs: [4, 'texts'],
};
const aggregatedResource: Fields = {
  resource: [1, 'text'],
  responseKind: [2, 'optional', groupVersionKind],
  scope: [3, 'text'],
  singularResource: [4, 'text'],
  verbs: [5, 'texts'],
  shortNames: [6, 'texts'],
  categories: [7, 'texts'],
  subresources: [8, 'messages', subresource],
};
const aggregatedVersion: Fields = { version: [1, 'text'], resources: [2, 'messages', aggregatedResource], freshness: [3, 'text'] };
const aggregatedGroup: Fields = { metadata: [1, 'message', objectMeta], versions: [2, 'messages', aggregatedVersion] };

/** By kind. */
const documents: ReadonlyMap<string, Fields> = new Map([
  ['APIVersions', { versions: [1, 'texts'], serverAddressByClientCIDRs: addresses }],
  ['APIGroupList', { groups: [1, 'messages', group] }],
  ['APIGroup', group],
  ['APIResourceList', { groupVersion: [1, 'text'], resources: [2, 'messages', resource] }],
  ['APIGroupDiscoveryList', { metadata: [1, 'message', listMeta], items: [2, 'messages', aggregatedGroup] }],
] satisfies [string, Fields][]);

/** A document in its envelope. */
export function protobufDocument(document: unknown): Uint8Array {
  const object = document as Readonly<Record<string, unknown>> & { readonly apiVersion?: string; readonly kind: string };
  const fields = documents.get(object.kind);
  if (fields === undefined) throw new Error(`no document of discovery: ${object.kind}`);
  const writer = new WireWriter();
  writeFields(writer, fields, object);
  return envelope(object.apiVersion ?? '', object.kind, writer.take());
}

/** Backwards, as the writer goes: the last field and the last element first. */
function writeFields(writer: WireWriter, fields: Fields, object: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(fields).reverse()) writeField(writer, field, object[name]);
}

function writeField(writer: WireWriter, field: Field, value: unknown): void {
  const [number, shape, fields] = field;
  switch (shape) {
    case 'text':
      writer.string(typeof value === 'string' ? value : '');
      return writer.varint(lengthTag(number));
    case 'flag':
    case 'zero':
      writer.varint(value === true ? 1 : 0);
      return writer.varint(number * 8);
    case 'texts':
      return backwards(value, (one) => {
        writer.string(String(one));
        writer.varint(lengthTag(number));
      });
    case 'wrapped':
      return writeMessage(writer, number, { items: [1, 'texts'] }, { items: value });
    case 'optional':
      return value === undefined ? undefined : writeMessage(writer, number, fields, value);
    case 'message':
      return writeMessage(writer, number, fields, value ?? {});
    case 'messages':
      return backwards(value, (one) => writeMessage(writer, number, fields, one));
  }
}

function writeMessage(writer: WireWriter, number: number, fields: Fields, value: unknown): void {
  const after = writer.length;
  writeFields(writer, fields, value as Readonly<Record<string, unknown>>);
  writer.varint(writer.length - after);
  writer.varint(lengthTag(number));
}

function backwards(list: unknown, write: (one: unknown) => void): void {
  if (!Array.isArray(list)) return;
  for (let index = list.length - 1; index >= 0; index--) write(list[index]);
}

/** The tag of a field with a length before it. */
function lengthTag(number: number): number {
  return number * 8 + 2;
}
