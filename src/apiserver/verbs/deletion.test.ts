import type { KubeObject, ObjectMeta } from '../../apimachinery/object.js';
import type { RequestOptions } from '../core/api-request.js';
import { createRegistry, loadFacts } from '../../registry/index.js';
import { finalizersFor, isReadyToGo, markDeleted } from './deletion.js';

const registry = createRegistry(loadFacts());
const [configMaps, pods, namespaces, replicationControllers] = ['configmaps', 'pods', 'namespaces', 'replicationcontrollers'].map(
  (resource) => registry.byResource('', 'v1', resource)!,
) as [Kind, Kind, Kind, Kind];
type Kind = NonNullable<ReturnType<typeof registry.byResource>>;

const now = Date.parse('2026-01-01T00:00:10Z');
const object = (metadata: Partial<ObjectMeta> = {}, more: Readonly<Record<string, unknown>> = {}): KubeObject =>
  ({ metadata: { name: 'a', ...metadata }, ...more }) as unknown as KubeObject;
const pod = (metadata: Partial<ObjectMeta> = {}): KubeObject =>
  object({ generation: 1, ...metadata }, { spec: { nodeName: 'n', terminationGracePeriodSeconds: 30 } });

describe('finalizers', () => {
  it.each<[readonly string[], RequestOptions, readonly string[]]>([
    [[], {}, []],
    [['a.b/c'], { propagationPolicy: 'Foreground' }, ['a.b/c', 'foregroundDeletion']],
    [['a.b/c'], { propagationPolicy: 'Orphan' }, ['a.b/c', 'orphan']],
    [['orphan', 'a.b/c'], {}, ['orphan', 'a.b/c']],
    [['orphan', 'a.b/c'], { propagationPolicy: 'Foreground' }, ['a.b/c', 'foregroundDeletion']],
    [['orphan', 'a.b/c'], { propagationPolicy: 'Background' }, ['a.b/c']],
    [['orphan', 'a.b/c'], { orphanDependents: false }, ['a.b/c']],
    [['a.b/c', 'foregroundDeletion', 'd.e/f'], { propagationPolicy: 'Foreground' }, ['a.b/c', 'foregroundDeletion', 'd.e/f']],
  ])('%j with %j become %j', (finalizers, options, expected) => {
    expect(finalizersFor(configMaps, object({ finalizers }), options)).toEqual(expected);
  });

  it('of a replication controller orphan by default, of a namespace go first when dependents must not be orphans', () => {
    expect(finalizersFor(replicationControllers, object(), {})).toEqual(['orphan']);
    expect(finalizersFor(replicationControllers, object({ finalizers: ['foregroundDeletion'] }), {})).toEqual(['foregroundDeletion']);
    expect(finalizersFor(namespaces, object(), { orphanDependents: false })).toEqual(['foregroundDeletion']);
  });
});

describe('the mark of a deletion', () => {
  it('gives a pod its time, which a second one can only shorten', () => {
    const first = markDeleted(pods, pod(), {}, now);
    expect(first.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:40Z', deletionGracePeriodSeconds: 30, generation: 2 });
    for (const options of [{}, { gracePeriodSeconds: 30 }, { gracePeriodSeconds: 99 }, { propagationPolicy: 'Foreground' }])
      expect(markDeleted(pods, first, options, now)).toBe(first);
    const second = markDeleted(pods, first, { gracePeriodSeconds: 5, propagationPolicy: 'Foreground' }, now + 1000);
    expect(second.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:15Z',
      deletionGracePeriodSeconds: 5,
      generation: 2,
      finalizers: ['foregroundDeletion'],
    });
    expect(markDeleted(pods, first, { gracePeriodSeconds: -1 }, now).metadata.deletionGracePeriodSeconds).toBe(1);
  });

  it('never lies in the past, and lets a pod go whose time is none', () => {
    const first = markDeleted(pods, pod(), {}, now);
    const forced = markDeleted(pods, first, { gracePeriodSeconds: 0 }, now + 7_000);
    expect(forced.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:17Z', deletionGracePeriodSeconds: 0 });
    expect([isReadyToGo(pods, first), isReadyToGo(pods, forced)]).toEqual([false, true]);
  });

  it('changes nothing but the finalizers of what waits for them', () => {
    const first = markDeleted(configMaps, object({ finalizers: ['a.b/c'] }), { gracePeriodSeconds: 10 }, now);
    expect(first.metadata).toEqual({
      name: 'a',
      finalizers: ['a.b/c'],
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 0,
    });
    expect(markDeleted(configMaps, first, { gracePeriodSeconds: 5 }, now + 1000)).toBe(first);
    expect(markDeleted(configMaps, first, { propagationPolicy: 'Orphan' }, now + 1000).metadata).toEqual({
      ...first.metadata,
      finalizers: ['a.b/c', 'orphan'],
    });
  });

  it('is made once on a namespace, without a grace period', () => {
    const first = markDeleted(namespaces, object({}, { spec: { finalizers: ['kubernetes'] } }), {}, now);
    expect(first).toMatchObject({ status: { phase: 'Terminating' } });
    expect(first.metadata.deletionGracePeriodSeconds).toBeUndefined();
    expect(markDeleted(namespaces, first, { propagationPolicy: 'Foreground' }, now)).toBe(first);
  });
});
