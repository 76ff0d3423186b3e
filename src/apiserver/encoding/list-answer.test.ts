// Lists that are put together in pieces are what they would be at once, in every form.
import { finish } from '../../clock/slices.js';
import { recordedCodec } from '../../apimachinery/protobuf/testing/codec.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry } from '../../storage/store.js';
import { listAnswer } from './list-answer.js';
import type { Representation } from './media-type.js';
import { textBytes } from './status-writer.js';
import { columnsOf } from '../../registry/customresources/columns.js';
import { partialMetadata, tableOf, tableWork } from './table.js';

const { codec } = recordedCodec();
const now = 0;
const kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  columns: [{ name: 'Name', type: 'string' }],
  cells: (object: KubeObject) => [object.metadata.name],
} as unknown as Kind;
const metaVersion = 'meta.k8s.io/v1';

function entryOf(index: number): Entry<KubeObject> {
  const metadata = { name: `<${index}>`, namespace: 'default', uid: 'u', resourceVersion: '7', creationTimestamp: '2026-11-21T10:00:00Z' };
  const value = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { text: 'two\nlines', empty: '' } } as unknown as KubeObject;
  return { key: '', value, createRevision: 1, modRevision: 1, bytes: () => Buffer.from(`${JSON.stringify(value)}\n`) };
}

const forms: readonly Representation['form'][] = ['object', 'metadata', 'table'];
const encodings = [
  { encoding: 'json', pretty: false },
  { encoding: 'json', pretty: true },
  { encoding: 'yaml', pretty: false },
] as const;

/** The whole list as one value. */
function valueOf(form: Representation['form'], objects: readonly KubeObject[]): unknown {
  const metadata = { resourceVersion: '9' };
  if (form === 'table') return tableOf(objects, { kind, metadata, include: 'Metadata', now, apiVersion: metaVersion });
  if (form === 'metadata') {
    const items = objects.map((object) => partialMetadata(object, metaVersion));
    return { kind: 'PartialObjectMetadataList', apiVersion: metaVersion, metadata, items };
  }
  const items = objects.map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = object as KubeObject & Record<string, unknown>;
    return item;
  });
  return { kind: 'ConfigMapList', apiVersion: 'v1', metadata, items };
}

describe.each(forms)('as %s', (form) => {
  test.each(encodings.flatMap((encoding) => [0, 1, 32, 33, 100].map((count) => ({ ...encoding, count }))))(
    '%j',
    ({ count, ...encoding }) => {
      const representation = { form, ...encoding } as Representation;
      const entries = Array.from({ length: count }, (_, index) => entryOf(index));
      const pieces = finish(
        listAnswer(
          { type: 'list', kind, metadata: { resourceVersion: '9' }, entries },
          { form: representation, include: () => 'Metadata', protobuf: codec, now },
        ),
      );
      const objects = entries.map(({ value }) => value);
      const text = Buffer.concat(pieces).toString();
      // Stored bytes are as whoever stored them wrote them.
      if (form === 'object' && encoding.encoding === 'json' && !encoding.pretty)
        expect(JSON.parse(text)).toEqual(JSON.parse(Buffer.from(textBytes(valueOf(form, objects), representation)).toString()));
      else expect(text).toBe(Buffer.from(textBytes(valueOf(form, objects), representation)).toString());
    },
  );
});

test('gives way between the pieces of a long list', () => {
  const entries = Array.from({ length: 1000 }, (_, index) => entryOf(index));
  for (const form of forms) {
    for (const encoding of encodings) {
      const work = listAnswer(
        { type: 'list', kind, metadata: { resourceVersion: '9' }, entries },
        { form: { form, ...encoding }, include: () => 'Object', protobuf: codec, now },
      );
      let steps = 0;
      while (work.next().done !== true) steps++;
      expect(steps).toBeGreaterThanOrEqual(14);
    }
  }
});

test('gives way after each long item', () => {
  const value = { ...entryOf(1).value, data: { text: 'x'.repeat(100_000) } } as unknown as KubeObject;
  const entries = Array.from({ length: 20 }, () => ({ ...entryOf(1), value }));
  for (const encoding of encodings.slice(1)) {
    const work = listAnswer(
      { type: 'list', kind, metadata: { resourceVersion: '9' }, entries },
      { form: { form: 'object', ...encoding }, include: () => 'Object', protobuf: codec, now },
    );
    let steps = 0;
    while (work.next().done !== true) steps++;
    expect(steps).toBeGreaterThanOrEqual(19);
  }
});

test('cells of thousands of columns are read in pieces, and are the same', () => {
  const { columns, cells, cellsWork } = columnsOf(
    Array.from({ length: 1000 }, (_, index) => ({
      name: `c${index}`,
      type: 'string',
      jsonPath: index % 2 === 0 ? '.data.text' : `.data..[?(@.a==${index})]`,
    })),
  );
  const custom = { ...kind, columns, cells, cellsWork } as Kind;
  const options = { kind: custom, metadata: {}, include: 'None', now, apiVersion: metaVersion } as const;
  const objects = [entryOf(1).value, entryOf(2).value];
  const work = tableWork(objects, options);
  let steps = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) steps++;
  expect(steps).toBeGreaterThanOrEqual(1000);
  expect(step.value).toEqual(tableOf(objects, options));
});
