// The same questions to us as to a real kube-apiserver v1.36.3: the answers must be the same.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCases, type Recorded } from './cases.js';
import { divergences } from './divergences.js';
import { Lanes } from './lanes.js';
import { withSortedManagers } from './normalise.js';

const folder = dirname(fileURLToPath(import.meta.url));
const files = readCases(folder);
const cases = files.map((file) => {
  const recorded = JSON.parse(readFileSync(join(folder, 'recorded', `${file.name}.json`), 'utf8')) as readonly Recorded[];
  return { name: file.name, file, recorded };
});
const lanes = new Lanes(folder, files, 6);
/** For the files of a lane before this one, too: milliseconds. */
const patience = 600_000;

afterAll(() => lanes.stop(), patience);

// Jest starts these at once, before the rest, and of them only those that are wanted. They end together: when a test has
// ended, Jest lets the others import nothing more.
it.concurrent.each(cases)(
  'parity: $name: every request is answered',
  async ({ file, recorded }) => {
    const answers = await lanes.answers(file).finally(() => lanes.idle());
    expect(answers.map(({ request }) => request)).toEqual(recorded.map(({ request }) => request));
  },
  patience,
);

describe.each(cases)('parity: $name', ({ name, file, recorded }) => {
  let answers: readonly Recorded[];

  beforeAll(async () => {
    answers = await lanes.answers(file);
  }, patience);

  it.each(recorded.map((one, index) => ({ index, title: `${index + 1}. ${one.request}` })))('$title', ({ index }) => {
    const expected = recorded[index]!;
    const known = divergences.get(`${name} ${index + 1}`);
    const wanted = known === undefined ? expected : { ...expected, answer: known.answer(expected.answer) };
    expect(withSortedManagers(answers[index])).toEqual(withSortedManagers(wanted));
  });
});
