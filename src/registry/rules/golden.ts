// Plays recorded exchanges with the reference through a kind's hooks, without a server: for the tests of the kinds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { validateObjectMeta } from '../../apimachinery/names/object-meta.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { parseApiVersion } from '../../apimachinery/object.js';
import { compileSchemas } from '../../apimachinery/schema/compile.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import { seededRandom } from '../../clock/random.js';
import { defineKind } from '../define.js';
import { loadFacts, schemaSourceOf } from '../facts.js';
import type { Cell, Kind, KindDefinition, StrategyContext } from '../kind.js';

/** The time at which recorded objects were made. */
const created = '2026-01-01T00:00:00Z';

/** One recorded exchange: a creation, maybe an update, and the row of the Table. */
export interface GoldenCase {
  readonly name: string;
  readonly input: Mutable;
  /** What the reference stored. */
  readonly stored?: KubeObject;
  /** Causes of the refusal to create. */
  readonly error?: readonly FieldError[];
  /** A create-only kind took it. */
  readonly accepted?: boolean;
  readonly warnings?: readonly string[];
  readonly update?: Mutable;
  readonly subresource?: string;
  readonly updated?: KubeObject;
  readonly updateError?: readonly FieldError[];
  /** The object of the row, when others had changed it. */
  readonly object?: KubeObject;
  readonly cells?: readonly Cell[];
  /** When the row was printed, if not at creation. */
  readonly now?: string;
}

/** What our hooks make of a case, in the same form. */
export type Outcome = Pick<GoldenCase, 'stored' | 'error' | 'accepted' | 'warnings' | 'updated' | 'updateError' | 'cells'>;

export function readGolden<T = GoldenCase>(folder: string, file = 'golden.json'): readonly T[] {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly T[];
}

/** Who recorded. */
const user = {
  name: 'admin',
  groups: ['system:masters', 'system:authenticated'],
  extra: {
    'authentication.kubernetes.io/credential-id': ['X509SHA256=b5a30e91b8ab73e84579bdf4262fe386ab2f2329fb2c6d0442c055455f433652'],
  },
};

const timer = { cancel: (): void => {} };
const context: StrategyContext = {
  clock: { now: () => Date.parse(created), monotonic: () => 0, after: () => timer, every: () => timer },
  random: seededRandom(1),
  user,
  dryRun: false,
  services: {
    takeAddress: () => undefined,
    releaseAddress: () => {},
    takeNodePort: () => undefined,
    releaseNodePort: () => {},
  },
};

/** The kinds of these definitions over the recorded facts, by `apiVersion kind`. */
export function goldenKinds(definitions: readonly KindDefinition[]): ReadonlyMap<string, Kind> {
  const facts = loadFacts();
  const schemas = compileSchemas(schemaSourceOf(facts));
  const kinds = definitions.map((definition) => defineKind(facts, schemas, definition));
  return new Map(kinds.map((kind) => [`${kind.group === '' ? '' : `${kind.group}/`}${kind.version} ${kind.kind}`, kind]));
}

function kindOf(kinds: ReadonlyMap<string, Kind>, input: Mutable): Kind {
  const { group, version } = parseApiVersion(String(input.apiVersion));
  const kind = kinds.get(`${group === '' ? '' : `${group}/`}${version} ${String(input.kind)}`);
  if (kind === undefined) throw new Error(`no definition of ${String(input.apiVersion)} ${String(input.kind)}`);
  return kind;
}

function metadataOf(draft: Mutable): Mutable {
  return (draft.metadata ??= {}) as Mutable;
}

/** As a store would keep it and give it back. */
function stored(kind: Kind, draft: Mutable): KubeObject {
  const { conversion } = kind;
  return conversion === undefined
    ? (draft as unknown as KubeObject)
    : conversion.fromStored(conversion.toStored(draft) as unknown as KubeObject);
}

function create(kind: Kind, input: Mutable): { readonly object: KubeObject; readonly errors: readonly FieldError[] } {
  const draft = decodeObject(kind.schema(), input).object;
  const metadata = metadataOf(draft);
  if (kind.namespaced) metadata.namespace ??= 'demo';
  const { strategy } = kind;
  strategy.applyDefaults?.(draft);
  strategy.prepareForCreate?.(draft, context);
  const object = draft as unknown as KubeObject;
  if (kind.createOnly) return { object, errors: strategy.validate?.(object) ?? [] };
  metadata.creationTimestamp = created;
  if (kind.generation) metadata.generation = 1;
  const errors = [
    ...validateObjectMeta(object.metadata, { namespaced: kind.namespaced, nameRule: kind.nameRule }),
    ...(strategy.validateCreate?.(object) ?? []),
    ...(strategy.validate?.(object) ?? []),
  ];
  return { object: errors.length > 0 ? object : stored(kind, draft), errors };
}

function withoutStatus(object: Mutable): string {
  return JSON.stringify(
    Object.entries(object)
      .filter(([name]) => name !== 'metadata' && name !== 'status')
      .sort(),
  );
}

function update(
  kind: Kind,
  input: Mutable,
  old: KubeObject,
  subresource: string | undefined,
): { readonly object: KubeObject; readonly errors: readonly FieldError[] } {
  const draft = decodeObject(kind.schema(), input).object;
  const { strategy } = kind;
  strategy.applyDefaults?.(draft);
  const before = old as unknown as Mutable;
  let errors: readonly FieldError[];
  if (subresource === undefined) {
    if (kind.generation) metadataOf(draft).generation = old.metadata.generation;
    strategy.prepareForUpdate?.(draft, old, context);
    if (kind.generation && withoutStatus(draft) !== withoutStatus(before))
      metadataOf(draft).generation = (old.metadata.generation ?? 0) + 1;
    const object = draft as unknown as KubeObject;
    errors = [...(strategy.validate?.(object, old) ?? []), ...(strategy.validateUpdate?.(object, old) ?? [])];
  } else {
    if (strategy.prepareForStatusUpdate !== undefined) strategy.prepareForStatusUpdate(draft, old, context, subresource);
    else for (const field of Object.keys(before)) if (field !== 'status' && field !== 'metadata') draft[field] = before[field];
    errors = strategy.validateStatusUpdate?.(draft as unknown as KubeObject, old, subresource) ?? [];
  }
  return { object: errors.length > 0 ? (draft as unknown as KubeObject) : stored(kind, draft), errors };
}

/** Plays one case. The outcome has the same fields as the recording. */
export function play(kinds: ReadonlyMap<string, Kind>, golden: GoldenCase): Outcome {
  const kind = kindOf(kinds, golden.input);
  const { object, errors } = create(kind, golden.input);
  const warnings = kind.strategy.warnings?.(object, undefined) ?? [];
  const shownWarnings = warnings.length > 0 && (errors.length === 0 || golden.warnings !== undefined) ? { warnings } : {};
  if (errors.length > 0) return { error: errors, ...shownWarnings };
  if (kind.createOnly) return { accepted: true };
  const made: Outcome = { stored: object, ...shownWarnings };
  const at = { now: Date.parse(golden.now ?? created) };
  if (golden.update === undefined) return { ...made, cells: kind.cells(golden.object ?? object, at) };
  const second = update(kind, golden.update, object, golden.subresource);
  if (second.errors.length > 0) return { ...made, updateError: second.errors };
  return { ...made, updated: second.object, cells: kind.cells(golden.object ?? second.object, at) };
}

/** The part of a recording that an outcome is compared with. */
export function expected(golden: GoldenCase): Outcome {
  const { stored: object, error, accepted, warnings, updated, updateError, cells } = golden;
  const all = { stored: object, error, accepted, warnings, updated, updateError, cells };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
