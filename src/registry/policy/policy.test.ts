// The kinds of the group against exchanges recorded from the reference (golden.json).
import { expected, goldenKinds, play, readGolden } from '../rules/golden.js';
import { policyKinds } from './index.js';

const kinds = goldenKinds(policyKinds);

test.each(readGolden(import.meta.dirname).map((golden) => [golden.name, golden] as const))('%s', (_name, golden) => {
  expect(play(kinds, golden)).toEqual(expected(golden));
});
