// A flood of one user over HTTP: the server sheds it, and serves everyone else meanwhile.
import { connect, type ClientHttp2Session } from 'node:http2';
import { startCluster, type Cluster } from '../../index.js';
import { targetOf } from '../../../test/support/kubeconfig.js';

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly schema: string | undefined;
  readonly text: string;
}

const review = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
const flood = 960;
let cluster: Cluster;
let sessions: ClientHttp2Session[];

beforeAll(async () => {
  // 30 seats: three of them are the share of everyday users.
  cluster = await startCluster({ components: ['apiserver'], maxRequestsInflight: 20, maxMutatingRequestsInflight: 10 });
  const { cert, key } = targetOf(cluster.kubeconfig);
  // A connection has a hundred streams at most; the first two are for those beside the flood.
  sessions = Array.from({ length: 2 + flood / 80 }, () => connect(cluster.url, { cert, key, rejectUnauthorized: false }));
});

afterAll(async () => {
  for (const session of sessions) session.destroy();
  await cluster.stop();
});

/** Asks as a user; a body that is held back makes a slow request. `finish` sends the rest of it. */
function ask(session: ClientHttp2Session, method: string, path: string, as: readonly string[], hold = false) {
  const [user = '', ...groups] = as;
  const stream = session.request({
    ':method': method,
    ':path': path,
    'impersonate-user': user,
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...(method === 'POST' ? { 'content-type': 'application/json', 'content-length': review.length } : {}),
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (headers) => {
      stream.on('data', (chunk: string) => (text += chunk));
      stream.on('end', () =>
        resolve({
          status: Number(headers[':status']),
          retryAfter: headers['retry-after'],
          schema: headers['x-kubernetes-pf-flowschema-uid']?.toString(),
          text,
        }),
      );
    });
    stream.on('error', reject);
  });
  if (method === 'POST') stream.write(review.slice(0, 10));
  const finish = (): void => void (stream.closed || stream.end(method === 'POST' ? review.slice(10) : undefined));
  if (!hold) finish();
  return { answer, finish };
}

it('sheds a flood of one user, and never holds up the system or another user for long', async () => {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answers: Answer[] = [];
  const slow = Array.from({ length: flood }, (_, index) => {
    const one = ask(sessions[2 + (index % (sessions.length - 2))]!, 'POST', path, ['tenant', 'system:authenticated'], true);
    void one.answer.then((answer) => answers.push(answer));
    return one;
  });
  const levels = async (): Promise<string> =>
    (await ask(sessions[0]!, 'GET', '/debug/api_priority_and_fairness/dump_priority_levels', ['root', 'system:masters']).answer).text;
  const everyday = async () => {
    const row = (await levels()).split('\n').find((line) => line.startsWith('global-default'))!;
    const [, , , , waiting, executing, , rejected] = row.split(',').map((cell) => cell.trim());
    return { waiting: Number(waiting), executing: Number(executing), rejected: Number(rejected) };
  };
  // All of the flood has been looked at: a few run, as many as the tenant's hand of queues holds wait, and the rest is refused.
  let seen = await everyday();
  while (seen.waiting + seen.executing + seen.rejected < flood) seen = await everyday();
  expect(seen.waiting).toBe(6 * 50);
  expect(seen.executing).toBeGreaterThan(0);
  expect(seen.executing).toBeLessThanOrEqual(10);

  // Meanwhile the system is served as if nothing were.
  const system = await Promise.all([
    ask(sessions[0]!, 'GET', '/api/v1/services', ['system:node:n', 'system:nodes', 'system:authenticated']).answer,
    ask(sessions[0]!, 'GET', '/api/v1/pods', ['system:kube-scheduler', 'system:authenticated']).answer,
    ask(sessions[1]!, 'GET', '/readyz', ['system:anonymous', 'system:unauthenticated']).answer,
    ask(sessions[1]!, 'GET', '/api/v1/namespaces', ['root', 'system:masters']).answer,
  ]);
  expect(system.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(new Set(system.map(({ schema }) => schema)).size).toBe(4);

  // Another user waits for a turn, not for the whole flood: it comes when a few of the flood's requests are done.
  const servedOfFlood = (): number => answers.filter(({ status }) => status === 201).length;
  const other = ask(sessions[1]!, 'POST', path, ['neighbour', 'system:authenticated']);
  let before = Infinity;
  const answered = other.answer.then((answer) => {
    before = servedOfFlood();
    return answer;
  });
  while ((await everyday()).waiting < 301) expect(before).toBe(Infinity);
  expect(servedOfFlood()).toBe(0);
  for (const one of slow) one.finish();
  expect((await answered).status).toBe(201);
  expect(before).toBeLessThan(150);

  await Promise.all(slow.map(({ answer }) => answer));
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual([201, 429]);
  expect(counts.get(429)).toBe(seen.rejected);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused).toMatchObject({ retryAfter: '1', text: 'Too many requests, please try again later.\n' });
  // Nothing is left over: no seat, nobody waiting.
  let left = await everyday();
  while (left.executing > 0) left = await everyday();
  expect(left.waiting).toBe(0);
}, 60_000);

it('does not hold up who works in process', async () => {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const slow = Array.from({ length: 50 }, () => ask(sessions[0]!, 'POST', path, ['tenant', 'system:authenticated'], true));
  const namespaces = await cluster.client.list({ group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace', namespaced: false });
  expect(namespaces.items.length).toBeGreaterThan(3);
  for (const one of slow) one.finish();
  expect((await Promise.all(slow.map(({ answer }) => answer))).every(({ status }) => status === 201)).toBe(true);
});
