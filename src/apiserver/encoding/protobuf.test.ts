// Lists and frames of watches, read back part by part.
import { recordedCodec } from '../../apimachinery/protobuf/testing/codec.js';
import { openEnvelope } from '../../apimachinery/protobuf/envelope.js';
import { finish } from '../../clock/slices.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry } from '../../storage/store.js';
import { protobufFrame, protobufList, protobufMetadata, protobufMetadataList, protobufObject } from './protobuf.js';

const { codec, schemas } = recordedCodec();
const node = schemas.schemaFor('io.k8s.api.core.v1.ConfigMap');
const kind = { group: '', version: 'v1', kind: 'ConfigMap', listKind: 'ConfigMapList', schema: () => node } as Kind;

function configMap(name: string, size = 1): KubeObject {
  const metadata = { name, namespace: 'default', uid: 'u', resourceVersion: '7', creationTimestamp: '2026-11-21T10:00:00Z' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: 'v'.repeat(size) } } as KubeObject;
}

function entryOf(value: KubeObject): Entry<KubeObject> {
  return { key: '', value, createRevision: 1, modRevision: 1, bytes: () => new Uint8Array() };
}

it('lists what objects say, large and small', () => {
  const objects = [configMap('a'), configMap('b', 100_000), configMap('c', 200)];
  const bytes = finish(
    protobufList(codec, { type: 'list', kind, metadata: { resourceVersion: '9', remainingItemCount: 3 }, entries: objects.map(entryOf) }),
  );
  const { apiVersion, kind: listKind, value } = codec.decode(bytes);
  expect([apiVersion, listKind]).toEqual(['v1', 'ConfigMapList']);
  expect(value['metadata']).toEqual({ resourceVersion: '9', remainingItemCount: 3 });
  expect(value['items']).toEqual(objects.map(({ apiVersion: _apiVersion, kind: _kind, ...item }) => item));
});

it('encodes a stored object once', () => {
  const object = configMap('a');
  const first = codec.keptMessage(object, node);
  expect(codec.keptMessage(object, node)).toBe(first);
  expect(codec.message(object)).not.toBe(first);
  expect(protobufObject(codec, object, kind)).toEqual(protobufObject(codec, object, undefined));
});

it('says metadata alone', () => {
  const object = configMap('a');
  const { apiVersion, kind: own, raw } = openEnvelope(protobufMetadata(codec, object, 'meta.k8s.io/v1'));
  expect([apiVersion, own]).toEqual(['meta.k8s.io/v1', 'PartialObjectMetadata']);
  expect(codec.decodeMessage(node, raw)).toEqual({ metadata: object.metadata });

  const list = openEnvelope(
    finish(
      protobufMetadataList(
        codec,
        { type: 'list', kind, metadata: { resourceVersion: '9' }, entries: [entryOf(object), entryOf(object)] },
        'meta.k8s.io/v1',
      ),
    ),
  );
  expect(list.kind).toBe('PartialObjectMetadataList');
  expect(codec.decodeMessage(schemas.schemaFor('io.k8s.api.core.v1.ConfigMapList'), list.raw)).toEqual({
    metadata: { resourceVersion: '9' },
    items: [{ metadata: object.metadata }, { metadata: object.metadata }],
  });
});

it.each([1, 127, 128, 70_000])('frames an event of %d bytes', (size) => {
  const object = Buffer.alloc(size, 7);
  const frame = protobufFrame('MODIFIED', object);
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  const event = schemas.schemaFor('io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent');
  expect(frame.subarray(4, 6)).toEqual(Buffer.from([0x0a, 8]));
  expect(frame.subarray(6, 14).toString()).toBe('MODIFIED');
  expect(frame.subarray(-size)).toEqual(object);
  // The object is no JSON: reading it as an event goes as far as its text.
  expect(() => codec.decodeMessage(event, frame.subarray(4))).toThrow(/invalid character/);
});
