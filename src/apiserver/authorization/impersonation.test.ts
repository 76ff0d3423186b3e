// Impersonation with as many headers as are allowed.
import { turnsDuring } from '../../clock/testing/turns.js';
import type { Attributes, Decision } from './authorizer.js';
import { Impersonation } from './impersonation.js';

const count = 20_000;
const headers = {
  'impersonate-user': ['somebody'],
  'impersonate-group': ['a', 'b'],
  ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`impersonate-extra-f${index}`, [`v${index}`]])),
  'impersonate-extra-%5f%5fproto%5f%5f': ['p'],
};
const user = { name: 'me', groups: [] };
const attributes: Attributes = { user, verb: 'get', path: '/version' };

test('each of them is asked about, and others have their turn meanwhile', async () => {
  const asked: Attributes[] = [];
  const authorize = (question: Attributes): Decision => {
    asked.push(question);
    // Only acting as anybody is allowed.
    return question.verb === 'impersonate' ? { allowed: true, reason: '' } : { allowed: false, reason: '' };
  };
  const { result, turns } = await turnsDuring(() => new Impersonation({ authorize }).userFor(headers, attributes));
  const { name, groups, extra = {} } = result;
  expect([name, groups]).toEqual(['somebody', ['a', 'b', 'system:authenticated']]);
  expect(Object.keys(extra)).toHaveLength(count + 1);
  expect(Object.getOwnPropertyDescriptor(extra, '__proto__')?.value).toEqual(['p']);
  // The user, the groups, the extra fields.
  expect(asked.filter(({ verb }) => verb === 'impersonate')).toHaveLength(1 + 2 + count + 1);
  expect(turns).toBeGreaterThan(2);
});

test('the first that is not allowed ends it', async () => {
  let asked = 0;
  const authorize = (question: Attributes): Decision => {
    asked++;
    return { allowed: question.verb === 'impersonate' && 'name' in question && question.name !== 'v2', reason: '' };
  };
  await expect(new Impersonation({ authorize }).userFor(headers, attributes)).rejects.toThrow('cannot impersonate-on:user-info:get');
  expect(asked).toBeLessThan(20);
});
