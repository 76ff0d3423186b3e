import type { ControllerRevision, StatefulSet } from '../../../openapi/types/apps.v1.js';
import { CONTROLLER_REVISIONS } from '../../client/resources.js';
import { createMemoryClient } from '../../client/testing/memory-client.js';
import { manualClock } from '../../clock/manual-clock.js';
import {
  createRevisionHistory,
  revisionData,
  revisionHash,
  revisionText,
  templateOf,
  type Revised,
  type RevisionHistory,
  type RevisionsFound,
} from './revisions.js';

const label = 'controller.kubernetes.io/hash';

function set(image: string): Revised {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-web', annotations: { 'kubernetes.io/change-cause': image } },
    spec: { template },
  } as unknown as StatefulSet;
}

function start() {
  const client = createMemoryClient({ clock: manualClock() });
  const history = createRevisionHistory(client, label);
  const all = async (): Promise<readonly ControllerRevision[]> => (await client.list(CONTROLLER_REVISIONS)).items;
  const found = async (...args: Parameters<RevisionHistory['find']>): Promise<RevisionsFound> => (await history.find(...args))!;
  return { client, history, found, all };
}

test('the hash is the one that a real controller manager gave this template', () => {
  const template = {
    spec: {
      terminationGracePeriodSeconds: 1,
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      containers: [
        {
          name: 'c',
          image: 'nginx:1',
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
    },
    metadata: { labels: { app: 'web' }, annotations: { pa: 'pb' } },
  };
  const text = revisionText(revisionData(template as never));
  expect(revisionHash(text, 0)).toBe('6ccfcbcc46');
  expect(revisionHash(text, 1)).not.toBe('6ccfcbcc46');
  expect(revisionText({ a: '<&>' })).toBe('{"a":"\\u003c\\u0026\\u003e"}');
});

test('a new template gets a revision, the same one finds it again, and a rollback gives it the next number', async () => {
  const { found, all } = start();
  const first = await found(set('nginx:1'), [], 0);
  expect(first.current).toMatchObject({
    metadata: {
      labels: { app: 'web' },
      annotations: { 'kubernetes.io/change-cause': 'nginx:1' },
      ownerReferences: [{ kind: 'StatefulSet', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true }],
    },
    revision: 1,
  });
  const hash = first.current.metadata.labels?.[label];
  expect(first.current.metadata.name).toBe(`web-${hash}`);
  expect(templateOf(first.current)).toEqual(set('nginx:1').spec.template);

  const second = await found(set('nginx:2'), await all(), 0);
  expect(second.current.revision).toBe(2);
  expect((await found(set('nginx:2'), await all(), 0)).current).toEqual(second.current);

  const back = await found(set('nginx:1'), await all(), 0);
  expect(back.current).toMatchObject({ metadata: { name: first.current.metadata.name }, revision: 3 });
  expect(back.all.map(({ revision }) => revision)).toEqual([2, 3]);
  expect(await all()).toHaveLength(2);
});

test('an informer that is behind leads to no second revision', async () => {
  const { found, all } = start();
  const { current } = await found(set('nginx:1'), [], 0);
  expect((await found(set('nginx:1'), [], 0)).current).toEqual(current);
  expect(await all()).toHaveLength(1);
});

test('a name that another template has is passed over, and counted', async () => {
  const { client, found: find } = start();
  const text = revisionText(revisionData(set('nginx:1').spec.template));
  const taken = { metadata: { name: `web-${revisionHash(text, 0)}`, namespace: 'default' }, data: { other: true }, revision: 1 };
  await client.create(CONTROLLER_REVISIONS, { apiVersion: 'apps/v1', kind: 'ControllerRevision', ...taken });
  const found = await find(set('nginx:1'), [], 0);
  expect(found.collisions).toBe(1);
  expect(found.current.metadata.name).toBe(`web-${revisionHash(text, 1)}`);
});

test('an owner that is being deleted gets no revision', async () => {
  const { client, history, found, all } = start();
  const owner = set('nginx:1');
  const going = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(await history.find(going, [], 0)).toBeUndefined();
  const { current } = await found(owner, [], 0);
  const writes = client.requests.length;
  expect((await history.find(going, await all(), 0))?.current).toEqual(current);
  expect(client.requests).toHaveLength(writes + 1);
});
