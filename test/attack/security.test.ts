// The list of attacks that are tried, theme by theme, and the attacks of webhooks that lie. What the server must answer was asked from a real
// kube-apiserver v1.36.3.
//
// - Tokens that are expired, forged, for others, with `alg: none`, of wrong types: authentication.test.ts, identity.test.ts
// - Certificates of another authority, out of date, for servers, without a name; resumed sessions: authentication.test.ts
// - Impersonation without right; headers of a front proxy from whom is none, by any spelling: authentication.test.ts, identity.test.ts
// - Webhooks that hang, hang up, never end, lie, answer garbage, patch metadata: here
// - Definitions and objects that make the server work for long (schemas, patterns, rules, defaults, lists): stalls.test.ts
// - Definitions that contain themselves, are nested without end, say what none may say: definitions.test.ts
// - Bodies, numbers, YAML bombs, keys that are names of JavaScript: bodies.test.ts, wrong-types.test.ts, properties.test.ts
// - Paths, methods, options, forged continue tokens: paths.test.ts
// - Connections, streams and watches that are opened, reset, never read: connections.test.ts, websocket-watch.test.ts
// - Many writers of one object: races.test.ts
// - What is left when it is over: lifecycle.test.ts
// - Lines of their own in the audit log, requests that leave none, logs and receivers that fail: audit.test.ts
// - Servers behind API services that lie, smuggle, redirect, hang, publish what is not theirs: aggregation.test.ts
// - Names that are read as others', narrow and wide impersonation, webhooks and issuers that decide: authorizers.test.ts
// - Kubelets that go beyond their node: kubelets.test.ts
// - Webhooks that send on, put off and hold up, and clients who do not wait for them: webhook-ways.test.ts
// - Ways around the admission plugins that are off by default, patches of deletions: plugins.test.ts
import { readFileSync } from 'node:fs';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';
import { expectNoTrace, Victim } from './attacker.js';
import { configuration, lies, metadataLies, startLyingWebhook, type LyingWebhook } from './lying-webhook.js';

interface Recorded {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
}
const recorded = JSON.parse(readFileSync('test/attack/webhook-answers.json', 'utf8')) as Readonly<Record<string, Recorded>>;

const victim = new Victim();
const hooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
let webhook: LyingWebhook;

beforeAll(async () => {
  webhook = await startLyingWebhook({ clock: realClock(), random: realRandom() });
  await victim.start();
}, 60_000);

afterAll(async () => {
  webhook.close();
  await victim.stop();
});

interface Made {
  readonly message?: string;
  readonly reason?: string;
  readonly kind?: string;
  readonly data?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What the server answers to a create about which a webhook tells this lie, without what differs from run to run. */
async function told(lie: string, index: number): Promise<unknown> {
  const name = `lie-${index}`;
  const timeout = lie in lies || lie in metadataLies ? 10 : 1;
  expect((await victim.ask('POST', hooks, { body: JSON.stringify(configuration(webhook, name, 'attack', lie, timeout)) })).status).toBe(
    201,
  );
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `victim-${index}`, labels: { attack: name } }, data: { a: 'b' } };
  const { status, text } = await victim.ask('POST', '/api/v1/namespaces/attack/configmaps', { body: JSON.stringify(object) });
  expect((await victim.ask('DELETE', `${hooks}/${name}`)).status).toBe(200);
  const { reason, message = '', kind, data, metadata = {} } = JSON.parse(text) as Made;
  if (status >= 300) {
    expectNoTrace(lie, text);
    const plain = message
      .replaceAll(webhook.url, 'URL')
      .replaceAll(`victim-${index}`, 'VICTIM')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID');
    return { status, ...(reason === undefined ? {} : { reason }), message: plain };
  }
  const managers = (metadata['managedFields'] ?? []) as readonly { readonly manager: string }[];
  return {
    status,
    data,
    kind,
    name: String(metadata['name']).replace(`victim-${index}`, 'VICTIM'),
    namespace: String(metadata['namespace']).replace('attack', 'NAMESPACE'),
    ...(metadata['generation'] === undefined ? {} : { generation: metadata['generation'] }),
    labels: Object.keys(metadata['labels'] ?? {}),
    deletionTimestamp: metadata['deletionTimestamp'] !== undefined,
    oldCreation: String(metadata['creationTimestamp']).startsWith('2001'),
    zeroUid: String(metadata['uid']).startsWith('00000000'),
    managers: managers.map(({ manager }) => manager === 'liar'),
  };
}

const all = [...Object.keys(lies), ...Object.keys(metadataLies), 'hangs', 'hangs up', 'never ends'];

test.each(all.map((lie, index) => [lie, index] as const))(
  'a webhook that tells %j is answered as the real server does',
  async (lie, index) => {
    expect(await told(lie, index)).toEqual(recorded[lie]);
  },
);

test('no lie was a bug of the server, and none changed a prototype', () => {
  expect(victim.bugs).toEqual([]);
  expect('polluted' in {}).toBe(false);
});

test('a webhook that hangs holds up nobody else', async () => {
  const name = 'holds-up';
  await victim.ask('POST', hooks, { body: JSON.stringify(configuration(webhook, name, 'attack', 'hangs', 8)) });
  const create = (object: string, labels: object): Promise<{ readonly status: number }> =>
    victim.ask('POST', '/api/v1/namespaces/attack/configmaps', {
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: object, labels } }),
    });
  let held = true;
  const waiting = create('held', { attack: name }).then(({ status }) => {
    held = false;
    return status;
  });
  for (let index = 0; index < 3; index++) expect((await create(`free-${index}`, {})).status).toBe(201);
  expect(held).toBe(true);
  await victim.ask('DELETE', `${hooks}/${name}`);
  expect(await waiting).toBe(500);
}, 60_000);
