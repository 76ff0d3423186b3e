// Replays a recorded step through our functions and compares with what the real server answered.
import { ApiError } from '../../errors/api-error.js';
import { isRecord } from '../../object.js';
import { applyJsonPatch } from '../../patch/json-patch.js';
import { applyMergePatch } from '../../patch/merge-patch.js';
import { applyStrategicMergePatch } from '../../patch/strategic-merge-patch.js';
import { applyPatch } from '../apply.js';
import { fieldSetOf } from '../field-set.js';
import { managedFieldsOf, statusFields, updateManagedFields, withManagedFields } from '../update.js';
import { nodeOf, type Story, type StoryStep } from './golden.js';

const resetByStatus = fieldSetOf(['spec'], ['metadata', 'labels']);

const serverSet = new Set(['.metadata.managedFields', '.metadata.resourceVersion', '.metadata.generation']);

/** What the server answers contains all that applying made; it adds defaults. */
function expectWithin(made: unknown, answered: unknown, path: string): void {
  if (made === null || serverSet.has(path)) return;
  if (Array.isArray(made)) {
    if (made.length === 0 && answered === undefined) return;
    expect([path, Array.isArray(answered) && answered.length]).toEqual([path, made.length]);
    made.forEach((item, i) => expectWithin(item, (answered as unknown[])[i], `${path}[${i}]`));
  } else if (isRecord(made)) {
    for (const name of Object.keys(made)) expectWithin(made[name], (answered as Record<string, unknown>)?.[name], `${path}.${name}`);
  } else expect([path, answered]).toEqual([path, made]);
}

function without(object: unknown, paths: readonly string[]): unknown {
  const copy = structuredClone(object);
  for (const path of paths) {
    const names = path.split('.');
    let at = copy as Record<string, unknown>;
    for (const name of names.slice(0, -1)) at = (at[name] ?? {}) as Record<string, unknown>;
    delete at[names.at(-1)!];
  }
  return copy;
}

function replay(story: Story, step: StoryStep, index: number, state: unknown): unknown {
  const { verb, manager, body, subresource = '', force = false } = step.request;
  const writer = {
    manager,
    apiVersion: story.apiVersion,
    subresource,
    time: `2026-01-01T00:00:${String(step.second ?? index).padStart(2, '0')}Z`,
  };
  const resetFields = subresource === 'status' ? resetByStatus : statusFields;
  const node = nodeOf(story.definition);
  const stored = state;
  if (verb === 'apply') return applyPatch({ ...writer, node, live: stored, config: body, force, resetFields });
  const patched =
    verb === 'json'
      ? applyJsonPatch(stored, body)
      : verb === 'merge'
        ? applyMergePatch(stored, body)
        : verb === 'strategic'
          ? applyStrategicMergePatch(node, stored, body)
          : body;
  if (step.object === undefined) return undefined;
  if (verb === 'strategic') expectWithin(patched, step.object, '');
  const written = verb === 'create' ? without(step.object, story.notOwned ?? []) : step.object;
  const next = withManagedFields(written, managedFieldsOf(patched) as never);
  const managedFields = updateManagedFields({ ...writer, node, old: verb === 'create' ? undefined : stored, new: next, resetFields });
  return withManagedFields(step.object, managedFields);
}

/** One step from the object that the server had before it; fails the running test where the answers differ. */
export function expectSameAnswer(story: Story, step: StoryStep, index: number): void {
  const state = story.steps.slice(0, index).findLast(({ object }) => object)?.object;
  const before = JSON.stringify(state);
  let answer: unknown;
  try {
    answer = replay(story, step, index, state);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message, reason, code, details } = error.status;
    // The server lists the errors of a map in any order.
    const lines = (text: string | undefined): readonly string[] => (text ?? '').split('\n').sort();
    expect(lines(message)).toEqual(lines(step.status?.message));
    expect({ reason, code }).toEqual({ reason: step.status?.reason, code: step.status?.code });
    const order = (causes: readonly unknown[] | undefined): string[] => (causes ?? []).map((cause) => JSON.stringify(cause)).sort();
    expect(order(details?.causes)).toEqual(order(step.status?.details?.causes));
    return;
  }
  expect(JSON.stringify(state)).toBe(before);
  if (step.object === undefined) {
    expect(step.status?.code).toBeGreaterThanOrEqual(409);
    expect(step.request.verb).not.toBe('apply');
    return;
  }
  expect(managedFieldsOf(answer)).toEqual(managedFieldsOf(step.object));
  expect(JSON.stringify(managedFieldsOf(answer))).toBe(JSON.stringify(managedFieldsOf(step.object)));
  const elsewhere = step.request.subresource === 'status' ? ['spec', 'metadata.labels'] : ['status'];
  if (step.request.verb === 'apply') expectWithin(without(answer, elsewhere), step.object, '');
}
