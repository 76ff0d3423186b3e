// Plays recorded creations through a kind's hooks as the API server would, without a server: for the tests of core, apps and batch.
import { readFileSync } from 'node:fs';
import type { Service } from '../../../openapi/types/core.v1.js';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { validateObjectMeta } from '../../apimachinery/names/object-meta.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import { seededRandom } from '../../clock/random.js';
import type { Cell, Kind, ServiceAllocator, StrategyContext, TableRowCondition } from '../kind.js';
import { addDefaultTolerations, mountServiceAccount, noPriorityClass, setPriority } from './podspec/admission-defaults.js';

/** What the reference made of an object: stored it, or refused it with these causes. Recorded as a dry run. */
export interface RecordedCreate {
  readonly input: Mutable;
  readonly stored?: KubeObject;
  readonly causes?: readonly FieldError[];
  readonly warnings?: readonly string[];
}

/** A replacement of `old` by `input`, or of its status, and what the reference made of it. Texts of causes end at their first line. */
export interface RecordedUpdate {
  readonly old: KubeObject;
  readonly input: Mutable;
  readonly subresource?: 'status';
  readonly stored?: KubeObject;
  readonly causes?: readonly FieldError[];
}

/** A row of a Table as the reference printed it at `now` (milliseconds). */
export interface RecordedRow {
  readonly label: string;
  readonly resource: string;
  readonly now: number;
  readonly object: KubeObject;
  readonly cells: readonly Cell[];
  readonly conditions?: readonly TableRowCondition[];
}

/** Reads a file with one recording a line. */
export function readRecorded<T>(url: URL): readonly T[] {
  return readFileSync(url, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Answers as the reference does to dry runs: one free address, ports from 32769 on. */
export function recordedAllocator(): ServiceAllocator {
  let port = 32768;
  const inRange = (address: string): boolean => /^10\.(?:9[6-9]|10\d|11[01])\./.test(address);
  return {
    takeAddress: (address) => (address === undefined ? '10.96.0.0' : inRange(address) ? address : undefined),
    releaseAddress: () => {},
    takeNodePort: (wanted) => wanted ?? ++port,
    releaseNodePort: () => {},
    addressProblem: (address) => `the provided IP (${address}) is not in the valid range. The range of valid IPs is 10.96.0.0/12`,
    nodePortProblem: () => 'provided port is already allocated',
  };
}

const time = '2026-01-01T00:00:00Z';
const timer = { cancel: (): void => {} };

export function recordedContext(services: ServiceAllocator = recordedAllocator()): StrategyContext {
  return {
    clock: { now: () => Date.parse(time), monotonic: () => 0, after: () => timer, every: () => timer },
    random: seededRandom(1),
    user: { name: 'admin', groups: ['system:masters'] },
    dryRun: false,
    services,
  };
}

/** The uid of recorded jobs, so that the generated labels can be compared. */
function uidOf({ stored, causes }: RecordedCreate): string {
  const text = JSON.stringify(stored ?? causes?.map(({ message }) => message));
  return /controller-uid\\*":\\*"([-0-9a-f]{36})/.exec(text)?.[1] ?? '00000000-0000-0000-0000-000000000000';
}

function admitPod(spec: Mutable, context: StrategyContext): void {
  mountServiceAccount(spec, { name: 'default' }, context.random);
  setPriority(spec, noPriorityClass);
  addDefaultTolerations(spec);
}

export interface Played {
  readonly object: KubeObject;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** Creates an object as the API server would up to the store. */
export async function playCreate(kind: Kind, recorded: RecordedCreate): Promise<Played> {
  const context = recordedContext();
  const { strategy } = kind;
  const draft = decodeObject(kind.schema(), recorded.input).object;
  const metadata = (draft['metadata'] ??= {}) as Mutable;
  strategy.applyDefaults?.(draft);
  if (kind.namespaced) metadata['namespace'] = 'registry-core';
  metadata['uid'] = uidOf(recorded);
  if (kind.generation) metadata['generation'] = 1;
  if (kind.resource === 'pods' && isRecord(draft['spec'])) admitPod(draft['spec'], context);
  strategy.prepareForCreate?.(draft, context);
  const object = draft as unknown as KubeObject;
  const named = typeof metadata['name'] === 'string' && metadata['name'] !== '';
  const errors: FieldError[] = [
    ...(named
      ? validateObjectMeta(object.metadata, kind)
      : [{ field: 'metadata.name', reason: 'FieldValueRequired' as const, message: 'Required value: name or generateName is required' }]),
    ...(strategy.validate?.(object) ?? []),
    ...(strategy.validateCreate?.(object) ?? []),
  ];
  const warnings = [...(kind.deprecation === undefined ? [] : [kind.deprecation]), ...(strategy.warnings?.(object, undefined) ?? [])];
  if (errors.length === 0) errors.push(...((await strategy.reserve?.(draft, undefined, context))?.errors ?? []));
  delete metadata['uid'];
  return { object, errors, warnings };
}

function contentOf(object: object): unknown {
  return Object.fromEntries(Object.entries(object).filter(([field]) => field !== 'metadata' && field !== 'status'));
}

/** Addresses and ports of the recording are free; those given out anew are the recorded ones. */
function allocatorFor({ old, stored }: RecordedUpdate): ServiceAllocator {
  const spec = (stored as Service | undefined)?.spec;
  const held = new Set((old as Service).spec?.ports?.map(({ nodePort }) => nodePort));
  const ports = [...(spec?.ports ?? []).map(({ nodePort }) => nodePort), spec?.healthCheckNodePort].filter((port) => !held.has(port));
  return {
    takeAddress: (address) => address ?? spec?.clusterIP,
    releaseAddress: () => {},
    takeNodePort: (wanted) => wanted ?? ports.shift(),
    releaseNodePort: () => {},
  };
}

/** Replaces an object, or its status, as the API server would up to the store. */
export async function playUpdate(kind: Kind, recorded: RecordedUpdate): Promise<Omit<Played, 'warnings'>> {
  const { old, input, subresource } = recorded;
  const context = recordedContext(allocatorFor(recorded));
  const { strategy } = kind;
  const draft = decodeObject(kind.schema(), input).object;
  const metadata = draft['metadata'] as Mutable;
  strategy.applyDefaults?.(draft);
  if (old.metadata.generation !== undefined) metadata['generation'] = old.metadata.generation;
  const errors: FieldError[] = [];
  if (subresource === 'status') {
    const before = old as unknown as Mutable;
    for (const field of Object.keys({ ...draft, ...before })) {
      if (field !== 'metadata' && field !== 'status') draft[field] = before[field];
    }
    strategy.prepareForStatusUpdate?.(draft, old, context);
    errors.push(...(strategy.validateStatusUpdate?.(draft as unknown as KubeObject, old) ?? []));
  } else {
    strategy.prepareForUpdate?.(draft, old, context);
    const changed = !deepEqual(contentOf(draft), contentOf(old));
    if (kind.generation && changed) metadata['generation'] = (old.metadata.generation ?? 0) + 1;
    const object = draft as unknown as KubeObject;
    errors.push(...(strategy.validate?.(object, old) ?? []), ...(strategy.validateUpdate?.(object, old) ?? []));
    if (errors.length === 0) errors.push(...((await strategy.reserve?.(draft, old, context))?.errors ?? []));
  }
  return { object: draft as unknown as KubeObject, errors };
}

/** What admission plugins that are not of the registry added: the protection finalizers, the taint of new nodes. */
const addedByAdmission = ['kubernetes.io/pvc-protection', 'kubernetes.io/pv-protection'];
const newNodeTaint = 'node.kubernetes.io/not-ready';

function comparable(value: unknown, field: string): unknown {
  if (Array.isArray(value)) {
    const list = (value as unknown[]).filter((one) => !(isRecord(one) && field === 'taints' && one['key'] === newNodeTaint));
    const kept = field === 'finalizers' ? list.filter((one) => !addedByAdmission.includes(String(one))) : list;
    if ((field === 'finalizers' || field === 'taints') && kept.length === 0) return undefined;
    return kept.map((one) => comparable(one, ''));
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value)
    .filter(([name]) => name !== 'resourceVersion' && name !== 'managedFields')
    .map(([name, inner]) => [name, /TransitionTime$/.test(name) ? time : comparable(inner, name)] as const)
    .filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries);
}

/** An object without what differs from run to run or is not the registry's. */
export function withoutRunDetails(object: KubeObject): unknown {
  return comparable(object, '');
}

/** Causes in an order of their own: maps are walked in any order by the reference. */
export function sortedCauses(errors: readonly FieldError[]): readonly string[] {
  return [...new Set(errors.map(({ field, reason, message }) => `${field} | ${reason} | ${message}`))].sort();
}
