import type { Secret } from '../../../openapi/types/core.v1.js';
import { manualClock } from '../../clock/manual-clock.js';
import { createBootstrapTokens } from './bootstrap-token.js';

const clock = manualClock();
const audience = 'https://kubernetes.default.svc.cluster.local';
const token = 'abcdef.0123456789abcdef';
const fields = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' };

function ask(
  more: Readonly<Record<string, string>> = {},
  shown = token,
  secret: object = {},
  audiences?: readonly string[],
): Promise<unknown> {
  const data = Object.fromEntries(
    Object.entries({ ...fields, ...more }).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const found = {
    metadata: { name: 'bootstrap-token-abcdef' },
    type: 'bootstrap.kubernetes.io/token',
    data,
    ...secret,
  } as unknown as Secret;
  const tokens = createBootstrapTokens({
    clock,
    audiences: [audience],
    secret: async (name) => (name === 'bootstrap-token-abcdef' ? found : undefined),
  });
  return tokens.authenticateToken(shown, audiences);
}

test('a good token is a bootstrapper, with the groups of its secret', async () => {
  expect(await ask({ 'auth-extra-groups': 'system:bootstrappers:x,system:bootstrappers:y', expiration: '2027-01-01T00:00:00Z' })).toEqual({
    user: {
      name: 'system:bootstrap:abcdef',
      groups: ['system:bootstrappers', 'system:bootstrappers:x', 'system:bootstrappers:y', 'system:authenticated'],
    },
    audiences: [audience],
  });
});

test.each<[string, Parameters<typeof ask>]>([
  ['of another secret', [{}, 'abcdef.0123456789abcdee']],
  ['of another id', [{}, 'abcdeg.0123456789abcdef']],
  ['in capitals', [{}, 'ABCDEF.0123456789abcdef']],
  ['with more behind it', [{}, `${token}\n`]],
  ['whose secret names another id', [{ 'token-id': 'xxxxxx' }]],
  ['that is not for this', [{ 'usage-bootstrap-authentication': 'false' }]],
  ['that is over', [{ expiration: '2025-12-31T23:59:59Z' }]],
  ['whose end cannot be read', [{ expiration: 'soon' }]],
  ['that would be an administrator', [{ 'auth-extra-groups': 'system:bootstrappers:x,system:masters' }]],
  ['of a secret of another type', [{}, token, { type: 'Opaque' }]],
  ['of a secret that is going', [{}, token, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }]],
  ['for another audience', [{}, token, {}, ['other']]],
])('not one %s', async (_what, question) => {
  expect(await ask(...question)).toEqual({ user: undefined });
});
