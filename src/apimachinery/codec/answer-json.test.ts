// Answers of webhooks are read as JSON.parse reads them, however long they are.
import { turnsDuring } from '../../clock/testing/turns.js';
import { parseAnswer } from './answer-json.js';

const long = Array.from({ length: 20_000 }, (_, index) => ({ index, text: `"${index}"`, __proto__: null }));

test.each([
  ['short', [{ a: 1.5, b: null }]],
  ['long', long],
])('what is %s is read whole', async (_, value) => {
  const text = JSON.stringify(value);
  expect(await parseAnswer(text)).toEqual(JSON.parse(text));
});

test('a long answer holds nobody up', async () => {
  const { turns } = await turnsDuring(() => parseAnswer(`[${'[1.25],'.repeat(400_000)}1]`));
  expect(turns).toBeGreaterThan(2);
});

test.each(['', '{"a":', 'x'.repeat(100_000), `${'['.repeat(500_000)}${']'.repeat(500_000)}`])(
  'what is no JSON, or far too deep, is refused (%#)',
  async (text) => {
    await expect(parseAnswer(text)).rejects.toThrow();
  },
);
