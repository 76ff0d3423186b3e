// The story that every combination must bring to the same end: workloads come up, a job completes, a machine fails, all heals.
import { nodeGroups } from './clusters.js';

const lost = nodeGroups.spare[0];

/** Gone from a failed node after five seconds instead of five minutes. */
const tolerations = ['not-ready', 'unreachable'].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 5,
}));

function template(app, more = {}) {
  // Spread, so that the machine that fails has some of each.
  const topologySpreadConstraints = [
    { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app } } },
  ];
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
  return { metadata: { labels: { app } }, spec: { containers, tolerations, topologySpreadConstraints, ...more } };
}

function workload(kind, app, spec) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: app },
    spec: { selector: { matchLabels: { app } }, template: template(app), ...spec },
  };
}

const objects = [
  workload('Deployment', 'web', { replicas: 6 }),
  workload('StatefulSet', 'db', { replicas: 3, serviceName: 'db' }),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum' },
    spec: {
      completions: 4,
      parallelism: 2,
      template: {
        spec: { restartPolicy: 'Never', tolerations, containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo done'] }] },
      },
    },
  },
];

/**
 * Plays the story.
 * @param kubectl runs kubectl with arguments and perhaps an object for its input; resolves with what it printed
 * @param fail takes the power off the spare node
 * @param wait waits for a condition
 * @returns what all combinations must have in common at the end
 */
export async function play(kubectl, fail, wait) {
  const get = async (...what) => JSON.parse(await kubectl(['get', ...what, '-o', 'json']));
  await wait('all nodes', async () => {
    const { items } = await get('nodes');
    return items.length === 3 && items.every((node) => conditionOf(node, 'Ready') === 'True' && (node.spec.taints ?? []).length === 0);
  });
  await wait('the default service account', () => get('serviceaccount', 'default').catch(() => undefined));
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects });
  await wait('the workloads', () => isComplete(get));
  await wait('the job', async () => conditionOf(await get('job', 'sum'), 'Complete') === 'True');
  const before = await get('pods');
  if (!before.items.some(({ spec, metadata }) => spec.nodeName === lost && metadata.labels.app === 'web'))
    throw new Error('no pod is there to be lost');

  await fail();
  await wait('the taint of the lost node', async () => {
    const { spec } = await get('node', lost);
    return (spec.taints ?? []).some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute');
  });
  await wait('the deployment without the lost node', async () => {
    const { status } = await get('deployment', 'web');
    return status.readyReplicas === 6 && (await readyOn(get, 'web')).every((node) => node !== lost);
  });
  // Nobody knows what runs on a silent machine: a stateful set waits until the node is said to be gone.
  await kubectl(['delete', 'node', lost]);
  await wait(
    'the stateful set',
    async () => (await isComplete(get)) && (await get('pods')).items.every(({ spec }) => spec.nodeName !== lost),
  );
  return end(get);
}

async function isComplete(get) {
  const { status: web } = await get('deployment', 'web');
  const { status: db } = await get('statefulset', 'db');
  return web.readyReplicas === 6 && web.replicas === 6 && db.readyReplicas === 3;
}

/** The nodes of the ready pods of an app. */
async function readyOn(get, app) {
  const { items } = await get('pods', '-l', `app=${app}`);
  return items.filter((pod) => conditionOf(pod, 'Ready') === 'True').map(({ spec }) => spec.nodeName);
}

function conditionOf({ status }, type) {
  return (status.conditions ?? []).find((one) => one.type === type)?.status;
}

async function end(get) {
  const conditions = ({ status }) => status.conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`).sort();
  const counts = ({ status }) => Object.fromEntries(Object.entries(status).filter(([, value]) => typeof value === 'number'));
  const [web, db, sum] = [await get('deployment', 'web'), await get('statefulset', 'db'), await get('job', 'sum')];
  const { items: sets } = await get('replicasets');
  const { items: pods } = await get('pods');
  const { items: slices } = await get('endpointslices', '-l', 'kubernetes.io/service-name=web');
  const { items: events } = await get('events');
  const ofSet = pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'StatefulSet').map(({ metadata }) => metadata.name);
  const ready = slices.flatMap(({ endpoints }) => (endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready === true));
  return {
    deployment: [counts(web), conditions(web)],
    replicaSets: sets.map(counts),
    statefulSet: [counts(db), ofSet.sort()],
    job: [counts(sum), conditions(sum)],
    readyEndpoints: ready.length,
    leftOver: pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
    // What kubelets say is their own matter.
    events: [
      ...new Set(
        events
          .filter(({ involvedObject }) => ['Deployment', 'ReplicaSet', 'StatefulSet', 'Job'].includes(involvedObject.kind))
          .map(({ involvedObject, reason, type, source }) => `${involvedObject.kind} ${type} ${reason} ${source.component ?? ''}`),
      ),
    ].sort(),
  };
}
