// Replays recorded patches: what a real v1.36.3 server answered to them, over the same object.
import { readFileSync } from 'node:fs';
import { ApiError } from '../../errors/api-error.js';
import { isRecord } from '../../object.js';
import { compileSchemas } from '../../schema/compile.js';
import { decodeObject } from '../../schema/decode.js';
import type { TypeFacts } from '../../schema/facts.js';
import type { OpenApiDocument } from '../../schema/openapi.js';
import { applyJsonPatch } from '../json-patch.js';
import { applyMergePatch } from '../merge-patch.js';
import { applyStrategicMergePatch } from '../strategic-merge-patch.js';

interface Case {
  readonly type: 'json' | 'merge' | 'strategic';
  readonly definition: string;
  readonly state: number;
  readonly patch: unknown;
  readonly code: number;
  readonly message?: string;
  readonly reason?: string;
  readonly answer?: unknown;
}

const openapi = new URL('../../../../openapi/', import.meta.url);
const json = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8')) as T;
// The first line holds the objects, each other line a patch over one of them.
const [first, ...rest] = readFileSync(new URL('patches.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const states = JSON.parse(first!) as readonly unknown[];
const cases = rest.map((line) => JSON.parse(line) as Case);
const schemas = compileSchemas({
  documents: ['api_v1', 'apis_apps_v1'],
  load: (document) => json<OpenApiDocument>(new URL(`schemas/${document}.json`, openapi)),
  facts: () => json<TypeFacts>(new URL('pointers.json', openapi)),
});

/** What the server adds once the patch is applied and decoded. */
const defaults = new Set([
  'apiVersion',
  'kind',
  'status',
  'protocol',
  'imagePullPolicy',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'restartPolicy',
  'dnsPolicy',
  'schedulerName',
  'terminationGracePeriodSeconds',
  'securityContext',
  'type',
  'rollingUpdate',
  'replicas',
  'revisionHistoryLimit',
  'progressDeadlineSeconds',
  'strategy',
  'resources',
  'creationTimestamp',
  'namespace',
]);

function expectApplied(made: unknown, answered: unknown, path: string): void {
  if (Array.isArray(made) && Array.isArray(answered)) {
    expect([path, answered.length]).toEqual([path, made.length]);
    made.forEach((item, i) => expectApplied(item, answered[i], `${path}[${i}]`));
  } else if (isRecord(made) && isRecord(answered)) {
    const names = (of: object, other: object): readonly string[] =>
      Object.keys(of)
        .filter((name) => name in other || !defaults.has(name))
        .sort();
    expect([path, names(answered, made)]).toEqual([path, names(made, answered)]);
    for (const name of Object.keys(made))
      if (name in answered && !ofServer.has(`${path}.${name}`)) expectApplied(made[name], answered[name], `${path}.${name}`);
  } else expect([path, answered]).toEqual([path, made]);
}

/** The server writes these as they must be whatever the patch says. */
const ofServer = new Set(['.apiVersion', '.kind', '.status']);

it.each(cases.map((one, i) => [`${i}. ${one.type} ${JSON.stringify(one.patch).slice(0, 90)}`, one] as const))('%s', (_title, one) => {
  const state = states[one.state];
  const before = JSON.stringify(state);
  const node = schemas.schemaFor(one.definition);
  let result: unknown;
  try {
    result =
      one.type === 'json'
        ? applyJsonPatch(state, one.patch)
        : one.type === 'merge'
          ? applyMergePatch(state, one.patch)
          : applyStrategicMergePatch(node, state, one.patch);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect({ code: error.code, reason: error.reason, message: withoutLists(error.message) }).toEqual({
      code: one.code,
      reason: one.reason,
      message: withoutLists(one.message),
    });
    return;
  }
  expect(JSON.stringify(state)).toBe(before);
  if (one.code === 200) expectApplied(decodeObject(node, result).object, decodeObject(node, one.answer).object, '');
  // Refused as an object (by the decoder or by validation): not this function's matter.
  else expect(one.message).toMatch(/is invalid:|was undeterminable|does not match the name/);
});

/** The server prints the lists of the object in full here, with what was left out of the recording. */
function withoutLists(message: string | undefined): string | undefined {
  return message?.replace(/^(list element types are not identical: ).*/s, '$1');
}
