// Many writes at once never pass a limit together, also when others write the quota meanwhile.
import type { ResourceQuota } from '../../../../openapi/types/core.v1.js';
import { conflict } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { evaluatorFor } from '../../../registry/core/usage/index.js';
import { QuotaAccountant, type QuotaSource } from './accountant.js';
import type { CountedWrite } from './counted-write.js';

const resource = { group: '', resource: 'resourcequotas' };

/** Quotas that are written by compare-and-swap; `between` runs before each write. */
class Quotas implements QuotaSource {
  readonly stored = new Map<string, ResourceQuota>();
  writes = 0;
  between: (() => void) | undefined;

  add(name: string, hard: Record<string, string>, used: Record<string, string>): void {
    const metadata = { name, namespace: 'a', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
    this.stored.set(name, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard }, status: { hard, used } });
  }

  put(name: string, used: Record<string, string>): void {
    const { metadata, ...rest } = this.stored.get(name)!;
    const resourceVersion = String(Number(metadata.resourceVersion) + 1);
    this.stored.set(name, { ...rest, metadata: { ...metadata, resourceVersion }, status: { ...rest.status, used } });
  }

  used(name: string): unknown {
    return this.stored.get(name)?.status?.used;
  }

  async list(): Promise<readonly ResourceQuota[]> {
    await Promise.resolve();
    return [...this.stored.values()];
  }

  async get(_namespace: string, name: string): Promise<ResourceQuota | undefined> {
    await Promise.resolve();
    return this.stored.get(name);
  }

  async writeStatus({ metadata, status }: ResourceQuota): Promise<void> {
    await Promise.resolve();
    const between = this.between;
    this.between = undefined;
    between?.();
    const there = this.stored.get(metadata.name);
    if (there?.metadata.resourceVersion !== metadata.resourceVersion) throw conflict(resource, metadata.name, 'changed');
    this.put(metadata.name, status?.used as Record<string, string>);
    this.writes++;
  }
}

const write = (group: string, name: string): CountedWrite => ({
  evaluator: evaluatorFor({ group, resource: name }),
  object: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', namespace: 'a' } } as KubeObject,
  old: undefined,
  now: 0,
});
const configMap = write('', 'configmaps');
/** How many of the promises were kept, and the first refusal. */
async function outcome(all: readonly Promise<void>[]): Promise<[number, string | undefined]> {
  const results = await Promise.allSettled(all);
  const refused = results.filter((result) => result.status === 'rejected');
  return [results.length - refused.length, refused.length === 0 ? undefined : String((refused[0]!.reason as Error).message)];
}

test('of a hundred at once, as many go through as there is room for, with few writes', async () => {
  const quotas = new Quotas();
  quotas.add('q', { configmaps: '10' }, { configmaps: '3' });
  const accountant = new QuotaAccountant(quotas);
  const all = Array.from({ length: 100 }, () => accountant.charge('a', configMap, false));
  expect(await outcome(all)).toEqual([7, 'exceeded quota: q, requested: configmaps=1, used: configmaps=10, limited: configmaps=10']);
  expect(quotas.used('q')).toEqual({ configmaps: '10' });
  expect(quotas.writes).toBeLessThanOrEqual(2);
});

test('two accountants over the same quotas never pass the limit together', async () => {
  const quotas = new Quotas();
  quotas.add('q', { configmaps: '10' }, { configmaps: '0' });
  const accountants = [new QuotaAccountant(quotas), new QuotaAccountant(quotas)];
  const all = Array.from({ length: 40 }, (_, index) => accountants[index % 2]!.charge('a', configMap, false));
  expect((await outcome(all))[0]).toBe(10);
  expect(quotas.used('q')).toEqual({ configmaps: '10' });
});

test('who no longer fits after somebody else has written is refused', async () => {
  const quotas = new Quotas();
  quotas.add('q', { configmaps: '5' }, { configmaps: '0' });
  quotas.between = () => quotas.put('q', { configmaps: '4' });
  const accountant = new QuotaAccountant(quotas);
  const all = [accountant.charge('a', configMap, false), accountant.charge('a', configMap, false)];
  expect((await outcome(all))[0]).toBe(1);
  expect(quotas.used('q')).toEqual({ configmaps: '5' });
});

test('a dry run is checked and not charged, and others are charged once by each quota that counts them', async () => {
  const quotas = new Quotas();
  quotas.add('one', { configmaps: '1' }, { configmaps: '0' });
  quotas.add('two', { 'count/configmaps': '5', secrets: '0' }, { 'count/configmaps': '2', secrets: '0' });
  const accountant = new QuotaAccountant(quotas);
  await accountant.charge('a', configMap, true);
  expect(quotas.writes).toBe(0);
  await accountant.charge('a', configMap, false);
  expect([quotas.used('one'), quotas.used('two')]).toEqual([{ configmaps: '1' }, { 'count/configmaps': '3', secrets: '0' }]);
  await expect(accountant.charge('a', configMap, true)).rejects.toThrow('exceeded quota: one');
  await accountant.charge('a', write('apps', 'deployments'), false);
  expect(quotas.writes).toBe(2);
});

test('a quota that goes meanwhile limits nothing; an error of the store reaches all', async () => {
  const quotas = new Quotas();
  quotas.add('q', { configmaps: '1' }, { configmaps: '0' });
  quotas.between = () => quotas.stored.delete('q');
  const accountant = new QuotaAccountant(quotas);
  await accountant.charge('a', configMap, false);
  quotas.add('q', { configmaps: '9' }, { configmaps: '0' });
  quotas.between = () => {
    throw new Error('broken');
  };
  expect(await outcome([accountant.charge('a', configMap, false), accountant.charge('a', configMap, false)])).toEqual([0, 'broken']);
  await accountant.charge('a', configMap, false);
  expect(quotas.used('q')).toEqual({ configmaps: '1' });
});
