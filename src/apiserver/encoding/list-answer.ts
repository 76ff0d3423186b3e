// A list as bytes in the form that a client wants, made piece by piece: others have their turn in the midst of a long one.
import { jsonText } from '../../apimachinery/codec/json.js';
import { packageOf } from '../../apimachinery/codec/kind.js';
import { apiVersionOf, type KubeObject } from '../../apimachinery/object.js';
import type { ProtobufCodec } from '../../apimachinery/protobuf/codec.js';
import type { Work } from '../../clock/slices.js';
import type { Kind } from '../../registry/kind.js';
import type { ListResult } from '../core/api-request.js';
import { inVersion } from '../core/versions.js';
import { listPieces } from './bytes.js';
import { checkMetadataForm, metaApiVersion, type Representation } from './media-type.js';
import { protobufList, protobufMetadataList } from './protobuf.js';
import { partialMetadata, rowsOf, tableParts, type IncludeObject } from './table.js';
import { yamlBytes } from './yaml.js';

/** How many items become bytes at a time, and how many characters or bytes of them: items may be long. */
const batch = 32;
const longPiece = 64 * 1024;

export interface ListForm {
  readonly form: Representation;
  readonly include: () => IncludeObject;
  readonly protobuf: ProtobufCodec;
  /** Milliseconds of the clock, for ages. */
  readonly now: number;
}

/** The answer's pieces. Throws 406 for a form that the list does not have. */
export function* listAnswer(result: ListResult, { form, include, protobuf, now }: ListForm): Work<readonly Uint8Array[]> {
  const { kind, entries, metadata } = result;
  const isPlain = form.encoding === 'json' && !form.pretty;
  if (form.form === 'object' && isPlain) return yield* listPieces(result);
  if (form.form === 'object' && form.encoding === 'protobuf') return [yield* protobufList(protobuf, result)];
  checkMetadataForm(form, true, goTypeOf(kind));
  const version = metaApiVersion(form);
  if (form.encoding === 'protobuf' && form.form === 'metadata') return [yield* protobufMetadataList(protobuf, result, version)];
  if (form.form === 'table') {
    const objects = yield* objectsOf(result);
    const parts = tableParts(objects, { kind, metadata, include: include(), now, apiVersion: version });
    if (parts.rowWork !== undefined) return yield* textPieces(parts.head, 'rows', yield* rowsOf(parts), (row) => row, form);
    return yield* textPieces(parts.head, 'rows', parts.sorted, parts.row, form);
  }
  if (form.form === 'metadata') {
    const head = { kind: 'PartialObjectMetadataList', apiVersion: version, metadata };
    return yield* textPieces(head, 'items', entries, ({ value }) => partialMetadata(inVersion(kind, value), version), form);
  }
  const isCustom = kind.customSchema !== undefined;
  const head = {
    kind: kind.listKind,
    apiVersion: apiVersionOf(kind.group, kind.version),
    metadata: isCustom ? { continue: '', ...metadata } : metadata,
  };
  return yield* textPieces(head, 'items', entries, ({ value }) => itemOf(kind, inVersion(kind, value)), form);
}

/** What the real server calls the kind inside: `core.ConfigMap`. */
export function goTypeOf({ group, kind, customSchema }: Kind): string {
  return customSchema === undefined ? `${packageOf(group)}.${kind}` : 'unstructured.Unstructured';
}

function* objectsOf({ kind, entries }: ListResult): Work<readonly KubeObject[]> {
  if (kind.conversion === undefined) return entries.map(({ value }) => value);
  const objects: KubeObject[] = [];
  for (let index = 0; index < entries.length; index++) {
    if (index % batch === batch - 1) yield;
    objects.push(inVersion(kind, entries[index]!.value));
  }
  return objects;
}

/** Only items of custom resources say what they are. */
function itemOf({ customSchema }: Kind, object: KubeObject): unknown {
  if (customSchema !== undefined) return object;
  const { kind: _kind, apiVersion: _apiVersion, ...item } = object as KubeObject & Record<string, unknown>;
  return item;
}

/** `head` with a list in it, the last of its fields in JSON, in its place by the alphabet in YAML. */
function* textPieces<T>(
  head: Readonly<Record<string, unknown>>,
  name: string,
  items: readonly T[],
  shown: (item: T) => unknown,
  { encoding, pretty }: Representation,
): Work<readonly Uint8Array[]> {
  if (encoding === 'yaml') return yield* yamlPieces(head, name, items, shown);
  const [begin, between, end] = frameOf(head, name, items.length === 0, pretty);
  const pieces: Uint8Array[] = [Buffer.from(begin)];
  let text = '';
  for (let index = 0, count = 0; index < items.length; index++) {
    if (count++ === batch || text.length > longPiece) {
      pieces.push(Buffer.from(text));
      text = '';
      count = 1;
      yield;
    }
    if (index > 0) text += between;
    text += pretty ? jsonText(shown(items[index]!), true).replaceAll('\n', '\n    ') : jsonText(shown(items[index]!));
  }
  pieces.push(Buffer.from(text));
  pieces.push(Buffer.from(end));
  return pieces;
}

/** What is before, between and after the items. */
function frameOf(head: object, name: string, isEmpty: boolean, pretty: boolean): readonly [string, string, string] {
  if (!pretty) return [`${jsonText(head).slice(0, -1)},"${name}":[`, ',', ']}\n'];
  const begin = `${jsonText(head, true).slice(0, -2)},\n  "${name}": [`;
  return isEmpty ? [begin, '', ']\n}'] : [`${begin}\n    `, ',\n    ', '\n  ]\n}'];
}

function* yamlPieces<T>(
  head: Readonly<Record<string, unknown>>,
  name: string,
  items: readonly T[],
  shown: (item: T) => unknown,
): Work<readonly Uint8Array[]> {
  const part = (wanted: (field: string) => boolean): Uint8Array[] => {
    const fields = Object.entries(head).filter(([field]) => wanted(field));
    return fields.length === 0 ? [] : [yamlBytes(Object.fromEntries(fields))];
  };
  const pieces = part((field) => field < name);
  if (items.length === 0) pieces.push(yamlBytes({ [name]: [] }));
  else pieces.push(Buffer.from(`${name}:\n`));
  // How long an item is shows when it has become bytes.
  for (let from = 0, count = 1, next; from < items.length; from = next) {
    if (from > 0) yield;
    next = from + count;
    const piece = yamlBytes(items.slice(from, next).map(shown));
    pieces.push(piece);
    count = piece.byteLength > longPiece ? 1 : Math.min(batch, count * 2);
  }
  return [...pieces, ...part((field) => field > name)];
}
