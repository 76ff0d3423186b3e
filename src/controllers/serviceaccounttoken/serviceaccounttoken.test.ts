import { SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import type { Secret } from '../../../openapi/types/core.v1.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createServiceAccountTokenController } from './index.js';

let kit: Kit;
afterEach(() => kit?.stop());

const secret = (name: string, account: string, annotations: object = {}): object => ({
  metadata: { name, namespace: 'team', annotations: { 'kubernetes.io/service-account.name': account, ...annotations } },
  type: 'kubernetes.io/service-account-token',
});
const get = (name: string): Promise<Secret> => kit.client.get(SECRETS, { namespace: 'team', name });
const names = async (): Promise<string[]> => (await kit.client.list(SECRETS)).items.map(({ metadata }) => metadata.name);
const text = (value = ''): string => Buffer.from(value, 'base64').toString();

test('fills a token secret, and only once', async () => {
  kit = createKit();
  const { metadata } = kit.client.seed(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'team' } });
  kit.client.seed(SECRETS, secret('t', 'robot'));
  kit.client.seed(SECRETS, { metadata: { name: 'opaque', namespace: 'team' }, type: 'Opaque' });
  await kit.start(createServiceAccountTokenController);
  const made = await get('t');
  expect(made.metadata.annotations).toEqual({
    'kubernetes.io/service-account.name': 'robot',
    'kubernetes.io/service-account.uid': metadata.uid,
  });
  expect([text(made.data?.['ca.crt']), text(made.data?.['namespace'])]).toEqual(['the CA\n', 'team']);
  expect(Object.entries(JSON.parse(text(made.data?.['token']).replace('signed ', '')))).toEqual([
    ['iss', 'kubernetes/serviceaccount'],
    ['kubernetes.io/serviceaccount/namespace', 'team'],
    ['kubernetes.io/serviceaccount/secret.name', 't'],
    ['kubernetes.io/serviceaccount/service-account.name', 'robot'],
    ['kubernetes.io/serviceaccount/service-account.uid', metadata.uid],
    ['sub', 'system:serviceaccount:team:robot'],
  ]);
  await kit.run(60_000);
  expect(kit.client.requests.filter(({ verb }) => verb === 'update')).toHaveLength(1);
});

test('puts back what somebody took out, and keeps the token', async () => {
  kit = createKit();
  kit.client.seed(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'team' } });
  kit.client.seed(SECRETS, { ...secret('t', 'robot'), data: { token: 'bWluZQ==', extra: 'eA==' } });
  await kit.start(createServiceAccountTokenController);
  expect(await get('t')).toMatchObject({ data: { token: 'bWluZQ==', extra: 'eA==', namespace: 'dGVhbQ==' } });
});

test('removes the secrets of accounts that are not there or are others of the same name', async () => {
  kit = createKit();
  kit.client.seed(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'team' } });
  kit.client.seed(SECRETS, secret('ghost', 'nobody'));
  kit.client.seed(SECRETS, secret('old', 'robot', { 'kubernetes.io/service-account.uid': 'another' }));
  kit.client.seed(SECRETS, secret('good', 'robot'));
  await kit.start(createServiceAccountTokenController);
  expect(await names()).toEqual(['good']);
  await kit.client.delete(SERVICE_ACCOUNTS, { namespace: 'team', name: 'robot' });
  await kit.run();
  expect(await names()).toEqual([]);
});

test('an account forgets a token that is gone, and nothing else', async () => {
  kit = createKit();
  kit.client.seed(SERVICE_ACCOUNTS, { metadata: { name: 'robot', namespace: 'team' }, secrets: [{ name: 't' }, { name: 'registry' }] });
  kit.client.seed(SECRETS, secret('t', 'robot'));
  await kit.start(createServiceAccountTokenController);
  await kit.client.delete(SECRETS, { namespace: 'team', name: 't' });
  await kit.run();
  expect((await kit.client.get(SERVICE_ACCOUNTS, { namespace: 'team', name: 'robot' })).secrets).toEqual([{ name: 'registry' }]);
});
