// Who is asked again, and how often at most.
import type { Mutable } from '../../apimachinery/object.js';
import { AdmissionChain, type AdmissionPlugin, type AdmissionRequest } from './chain.js';

/** A plugin of hooks that append their letter to `text`; those in capitals are asked again. */
function hooks(name: string, letters: string): AdmissionPlugin {
  return {
    name,
    handles: () => true,
    admit({ object }, rounds) {
      const invocations = rounds.of(name);
      invocations.begin(object!);
      for (const letter of letters) {
        if (!invocations.isDue(letter)) continue;
        const changes = letter !== '.' && letter !== ':';
        if (changes) object!['text'] = `${String(object!['text'])}${letter}`;
        invocations.done(letter, changes, letter === letter.toUpperCase());
      }
      invocations.end(object!);
    },
  };
}

async function admitted(...plugins: AdmissionPlugin[]): Promise<unknown> {
  const object: Mutable = { text: '' };
  await new AdmissionChain(plugins).admit({ object, warnings: [] } as unknown as AdmissionRequest);
  return object['text'];
}

test.each([
  ['abc', 'abc'],
  ['A', 'A'],
  ['Ab', 'AbA'],
  ['aB', 'aB'],
  ['ABC', 'ABCABC'],
  ['Ab.', 'AbA'],
])('hooks %s leave %s: only those before a change are asked once more, however much they change again', async (letters, text) => {
  expect(await admitted(hooks('one', letters))).toBe(text);
});

test('what a later plugin has changed, the earlier one sees in the second round', async () => {
  expect(await admitted(hooks('one', 'A'), hooks('two', 'bc'))).toBe('AbcA');
  expect(await admitted(hooks('one', 'A'), hooks('two', 'B'))).toBe('ABAB');
});

test('a plugin without hooks runs again with the others', async () => {
  let calls = 0;
  const inTree: AdmissionPlugin = { name: 'x', handles: () => true, admit: () => void calls++ };
  await admitted(inTree, hooks('one', 'a'));
  expect(calls).toBe(2);
  await admitted(inTree, hooks('one', '.'));
  expect(calls).toBe(3);
});
