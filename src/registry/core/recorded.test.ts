import { readdirSync } from 'node:fs';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import { appsKinds } from '../apps/index.js';
import { batchKinds } from '../batch/index.js';
import type { Kind } from '../kind.js';
import { goldenKinds } from '../rules/golden.js';
import { coreKinds } from './index.js';
import {
  playCreate,
  playUpdate,
  readRecorded,
  sortedCauses,
  withoutRunDetails,
  type RecordedCreate,
  type RecordedRow,
  type RecordedUpdate,
} from './recorded.js';

const kinds = [...goldenKinds([...coreKinds, ...appsKinds, ...batchKinds]).values()];

function kindOf(resource: string): Kind {
  const kind = kinds.find((one) => one.resource === resource);
  if (kind === undefined) throw new Error(`no kind ${resource}`);
  return kind;
}

const folders = [
  new URL('./testdata/', import.meta.url),
  new URL('../apps/testdata/', import.meta.url),
  new URL('../batch/testdata/', import.meta.url),
];
const files = folders.flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)));

describe.each(
  files.filter((file) => file.pathname.endsWith('.create.ndjson')).map((file) => [file.pathname.split('/').at(-1)!, file] as const),
)('%s: creations as the reference answered them', (name, file) => {
  const kind = kindOf(name.split('.')[0]!);
  const recorded = readRecorded<RecordedCreate>(file).map((one) => [JSON.stringify(one.input).slice(0, 160), one] as const);
  test.each(recorded)('%s', async (_, one) => {
    const played = await playCreate(kind, one);
    expect(sortedCauses(played.errors)).toEqual(sortedCauses(one.causes ?? []));
    if (one.stored !== undefined) {
      expect(withoutRunDetails(played.object)).toEqual(withoutRunDetails(one.stored));
      expect([...played.warnings].sort()).toEqual([...(one.warnings ?? [])].sort());
    }
  });
});

/** The reference shows a template in the form of its own code: what is wrong is compared, the value is not. */
function withoutTemplate(causes: readonly FieldError[]): readonly FieldError[] {
  return causes.map((cause) => (cause.field === 'spec.template' ? { ...cause, message: cause.message.replace(/\{.*\}/s, '{…}') } : cause));
}

/** What follows the first line tells the change in the form of the reference's own code. */
function firstLines(causes: readonly FieldError[]): readonly FieldError[] {
  return causes.map((cause) => ({ ...cause, message: cause.message.split('\n', 1)[0]! }));
}

describe.each(
  files.filter((file) => file.pathname.endsWith('.update.ndjson')).map((file) => [file.pathname.split('/').at(-1)!, file] as const),
)('%s: changes as the reference answered them', (name, file) => {
  const kind = kindOf(name.split('.')[0]!);
  const recorded = readRecorded<RecordedUpdate>(file).map((one, index) => [index, one] as const);
  test.each(recorded)('%i', async (_, one) => {
    const played = await playUpdate(kind, one);
    expect(sortedCauses(firstLines(withoutTemplate(played.errors)))).toEqual(sortedCauses(withoutTemplate(one.causes ?? [])));
    if (one.stored !== undefined) expect(withoutRunDetails(played.object)).toEqual(withoutRunDetails(one.stored));
  });
});

describe.each(
  files.filter((file) => file.pathname.endsWith('.rows.ndjson')).map((file) => [file.pathname.split('/').at(-1)!, file] as const),
)('%s: rows as the reference printed them', (_name, file) => {
  const recorded = readRecorded<RecordedRow>(file).map((one) => [one.label, one] as const);
  test.each(recorded)('%s', (_, { resource, object, now, cells, conditions }) => {
    const kind = kindOf(resource.split('/').at(-1)!);
    expect(kind.cells(object, { now })).toEqual(cells);
    expect(kind.cells(object, { now })).toHaveLength(kind.columns.length);
    expect(kind.rowConditions?.(object) ?? []).toEqual(conditions ?? []);
  });
});
