import { readJson } from '../codec/json-reader.js';
import { duplicateFieldProblems } from './duplicate-fields.js';

function problemsOf(text: string, prefix?: string): readonly string[] {
  const { value, duplicates } = readJson(Buffer.from(text), { literals: false });
  return duplicateFieldProblems(value, duplicates, prefix);
}

it('names each key that is there twice, by its path, in the order of the text', () => {
  expect(problemsOf('{"metadata":{"labels":{"a":"1","a":"2"},"labels2":1},"spec":[{"x":1},{"x":1,"y":2,"x":3}]}')).toEqual([
    'duplicate field "metadata.labels.a"',
    'duplicate field "spec[1].x"',
  ]);
  expect(problemsOf('[{"op":"add","op":"test"}]', 'json patch ')).toEqual(['json patch duplicate field "[0].op"']);
});

it('has nothing to say of a text without', () => {
  expect(problemsOf('{"a":{"a":{"a":1}}}')).toEqual([]);
});
