import type { ManagedFieldsEntry } from '../../apimachinery/object.js';
import { parentEntries, scaleEntries } from './scale-managers.js';

const path = ['spec', 'replicas'];
const entry = (manager: string, fields: object, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'apps/v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...more,
});
const replicas = { 'f:spec': { 'f:replicas': {} } };
const maker = entry('maker', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } });
const other = entry('other', { 'f:metadata': { 'f:labels': {} } });

it('shows in a Scale who has the replicas, and nothing else of theirs', () => {
  expect(scaleEntries([maker, other], path)).toEqual([{ ...maker, apiVersion: 'autoscaling/v1', fieldsV1: replicas }]);
  expect(scaleEntries(undefined, path)).toEqual([]);
});

it('takes the replicas from who has lost them, and gives them to who wrote them, without a time', () => {
  const scaler = entry('scaler', replicas, { apiVersion: 'autoscaling/v1', subresource: 'scale' });
  expect(parentEntries([maker, other], [scaler], path, 'apps/v1')).toEqual([
    { manager: 'scaler', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: replicas, subresource: 'scale' },
    { ...maker, fieldsV1: { 'f:spec': { 'f:paused': {} } } },
    other,
  ]);
});

it('keeps the very list when nobody gained or lost anything', () => {
  const stored = [maker, other];
  expect(parentEntries(stored, scaleEntries(stored, path), path, 'apps/v1')).toBe(stored);
});

it('drops a manager that had nothing else', () => {
  expect(parentEntries([entry('only', replicas)], [], path, 'apps/v1')).toBeUndefined();
});
