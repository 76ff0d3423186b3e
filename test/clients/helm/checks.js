// helm with a chart that has definitions and hooks, against the cluster of KUBECONFIG. HELM and KUBECTL are the programs.
import { join } from 'node:path';
import { complaint, output, runChecks, want, wantMatch } from '../support.js';

const { HELM: program = 'helm', KUBECTL: kubectlProgram = 'kubectl' } = process.env;
const chart = join(import.meta.dirname, 'chart');
const namespace = 'helm';

const helm = (...args) => output(program, [...args, '--namespace', namespace]);
const kubectl = (...args) => output(kubectlProgram, [...args, '--namespace', namespace]);
const waiting = ['--wait', '--timeout', '60s'];
const field = (kind, name, path) => kubectl('get', kind, name, '-o', `jsonpath={${path}}`);
const names = async (...kinds) => (await kubectl('get', kinds.join(','), '-o', 'name')).trim().split('\n').sort().join(' ');

/** The hooks of a release in the order in which they were run, each with how it ended. */
async function hooks(...events) {
  const { hooks: all } = JSON.parse(await helm('status', 'farm', '-o', 'json'));
  return all
    .filter((hook) => hook.events.some((event) => events.includes(event)))
    .sort((one, other) => one.weight - other.weight)
    .map(({ name, last_run: run }) => `${name} ${run.phase}`)
    .join(', ');
}

await runChecks('helm', [
  [
    'install with definitions and hooks, and wait',
    async () => {
      const text = await helm('install', 'farm', chart, '--create-namespace', ...waiting);
      wantMatch('the word of helm', /^STATUS: deployed$/m, text);
      wantMatch('the notes', /^3 apples for farm$/m, text);
      want('the replicas that are ready', '2', await field('deployment', 'farm', '.status.readyReplicas'));
      want('the fruit, by the default of the schema', 'apple', await field('tree', 'farm', '.spec.fruit'));
      want('the hooks', 'farm-tools Succeeded, farm-dig Succeeded, farm-water Succeeded', await hooks('pre-install', 'post-install'));
      // The one that is deleted when it has succeeded is gone, the other stays.
      want('the jobs that are left', 'job.batch/farm-dig', await names('jobs'));
      wantMatch('the log of the hook', /^digging$/m, await kubectl('logs', 'job/farm-dig'));
    },
  ],
  [
    'test',
    async () => {
      wantMatch('the word of helm', /^Phase: {10}Succeeded$/m, await helm('test', 'farm', '--timeout', '60s'));
      want('the pod of the test', 'Succeeded', await field('pod', 'farm-taste', '.status.phase'));
    },
  ],
  [
    'upgrade with hooks, and what its manifest does not say stays',
    async () => {
      await kubectl('label', 'tree', 'farm', 'swing=yes');
      await helm('upgrade', 'farm', chart, '--set', 'replicas=3,apples=5', ...waiting);
      want('the replicas that are ready', '3', await field('deployment', 'farm', '.status.readyReplicas'));
      want('the apples', '5', await field('tree', 'farm', '.spec.count'));
      want('the label that somebody else gave', 'yes', await field('tree', 'farm', '.metadata.labels.swing'));
      want('what helm knows of the API', 'knows-trees', await field('deployment', 'farm', '.metadata.labels.helm'));
    },
  ],
  [
    'an upgrade that the schema refuses leaves the release as it was',
    async () => {
      const refusal = await complaint(program, ['upgrade', 'farm', chart, '--set', 'apples=11', '--namespace', namespace]);
      wantMatch('the refusal', /spec\.count: Invalid value: 11: spec\.count in body should be less than or equal to 10/, refusal);
      want('the apples', '5', await field('tree', 'farm', '.spec.count'));
      wantMatch('the history', /^3\s.*\bfailed\b/m, await helm('history', 'farm'));
    },
  ],
  [
    'a test that fails',
    async () => {
      await helm('upgrade', 'farm', chart, '--set', 'image=nginx:sour', ...waiting);
      wantMatch(
        'the refusal',
        /pod farm-taste failed/,
        await complaint(program, ['test', 'farm', '--namespace', namespace, '--timeout', '60s']),
      );
    },
  ],
  [
    'rollback',
    async () => {
      await helm('rollback', 'farm', '1', ...waiting);
      want('the replicas', '2', await field('deployment', 'farm', '.spec.replicas'));
      want('the apples', '3', await field('tree', 'farm', '.spec.count'));
      want('the image', 'nginx:1.27', await field('deployment', 'farm', '.spec.template.spec.containers[0].image'));
    },
  ],
  [
    'uninstall with a hook; definitions stay',
    async () => {
      await helm('uninstall', 'farm', ...waiting);
      want('what is left', '', await names('deployments', 'services', 'trees', 'secrets'));
      want(
        'the definition',
        'trees',
        await field('customresourcedefinition', 'trees.orchard.kubedouble.dev', '.status.acceptedNames.plural'),
      );
    },
  ],
]);
