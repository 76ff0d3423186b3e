// The load of the benchmark, a process of its own: drives the server of a kubeconfig and prints its figures as one line of JSON.
import { parseArgs } from 'node:util';
import { ApiClient } from '../api-client.js';
import { readTarget, type Target } from '../kubeconfig.js';
import { parallel, percentile, type Outcome } from './parallel.js';
import { pod, podName } from './pod.js';
import { fanOut } from './watch.js';

interface Amounts {
  readonly pods: number;
  /** Requests at once. */
  readonly workers: number;
  readonly watchers: number;
  readonly events: number;
}

/** Requests that are not counted, for which the server looks nothing up: V8 compiles this program meanwhile, which is not what is to be measured. */
const warming = 3000;
/** Creates made one after another, to know the time of one alone. */
const sequential = 200;
const listsOfAll = 8;
const listsByLabel = 200;

async function measure(target: Target, { pods, workers, watchers, events }: Amounts): Promise<Record<string, number | string>> {
  const client = new ApiClient(target);
  const namespace = `bench-${Math.floor(Date.now() / 1000)}`;
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const figures: Record<string, number | string> = {};
  let errors = 0;
  const count = (outcome: Outcome): Outcome => {
    errors += outcome.errors;
    return outcome;
  };
  const rate = (name: string, outcome: Outcome): void => {
    figures[`${name}_per_s`] = count(outcome).perSecond;
    figures[`${name}_p99_ms`] = percentile(outcome.latencies, 0.99);
  };

  await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } });
  // Pods need it; the controller that makes it may be quicker, or may not run at all.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await client.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { body: account }).catch((error: Error) => {
    if (!error.message.includes('AlreadyExists')) throw error;
  });

  count(await parallel(warming, workers, () => client.json('GET', '/version')));
  const one = count(await parallel(sequential, 1, (index) => client.request('POST', path, { body: pod(900_000 + index) })));
  figures['create_seq_p50_ms'] = percentile(one.latencies, 0.5);
  rate('create', await parallel(pods, workers, (index) => client.request('POST', path, { body: pod(index) })));
  rate('get', await parallel(pods, workers, (index) => client.json('GET', `${path}/${podName(index)}`)));
  const patch = { body: { metadata: { labels: { x: 'y' } } }, contentType: 'application/strategic-merge-patch+json' };
  rate('smp', await parallel(Math.floor(pods / 2), workers, (index) => client.request('PATCH', `${path}/${podName(index)}`, patch)));
  const applied = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations: { applied: 'yes' } } });
  rate(
    'apply',
    await parallel(Math.floor(pods / 5), workers, (index) =>
      client.request('PATCH', `${path}/${podName(index)}?fieldManager=bench`, {
        body: applied(podName(index)),
        contentType: 'application/apply-patch+yaml',
      }),
    ),
  );

  let bytes = 0;
  const lists = count(
    await parallel(listsOfAll, 2, async () => {
      const length = await client.length(`${path}?resourceVersion=0`);
      bytes += length;
    }),
  );
  figures['list_all_p50_ms'] = percentile(lists.latencies, 0.5);
  figures['list_per_s'] = lists.perSecond;
  figures['list_MB'] = bytes / listsOfAll / 1e6;
  rate('list_selector', await parallel(listsByLabel, 4, () => client.length(`${path}?limit=100&labelSelector=app%3Dapp-7`)));

  const watched = await fanOut(target, namespace, watchers, events);
  figures['watch_events_per_s'] = watched.eventsPerSecond;
  figures['watch_p50_ms'] = percentile(watched.latencies, 0.5);
  figures['watch_p99_ms'] = percentile(watched.latencies, 0.99);
  figures['watch_delivered'] = `${watched.delivered}/${watchers * events}`;

  const now = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  rate('delete', await parallel(pods, workers, (index) => client.request('DELETE', `${path}/${podName(index)}`, { body: now })));
  figures['errors'] = errors;
  client.close();
  return figures;
}

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    n: { type: 'string', default: '5000' },
    workers: { type: 'string', default: '16' },
    watchers: { type: 'string', default: '100' },
    events: { type: 'string', default: '500' },
  },
});
const amounts = {
  pods: Number(values.n),
  workers: Number(values.workers),
  watchers: Number(values.watchers),
  events: Number(values.events),
};
try {
  if (values.kubeconfig === undefined) throw new Error('say which server with --kubeconfig PATH');
  console.log(JSON.stringify(await measure(await readTarget(values.kubeconfig), amounts)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
