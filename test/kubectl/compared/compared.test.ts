// The same kubectl commands against our clusters as against a real control plane v1.36.3: they must print the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster, type Cluster } from '../../../src/index.js';
import { kubectlPath } from '../../support/tools.js';
import { readCases, readRecording, settings, type Recorded, type Setting } from './cases.js';
import { runCase, runAll, versionOf } from './run-case.js';

const folder = dirname(fileURLToPath(import.meta.url));
const files = settings.flatMap((setting) => readCases(folder, setting)).map((file) => ({ file, recording: readRecording(folder, file) }));
/** Another minor version of kubectl words much otherwise. */
const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
const version = kubectlPath === undefined ? 'none' : await versionOf(kubectlPath);
const usable = files.every(({ recording }) => minor(recording.kubectl) === minor(version));
const title = usable
  ? 'kubectl compared'
  : `kubectl compared (skipped: kubectl is ${version}, not that of the records; run \`node scripts/kubectl.js\`)`;

(usable ? describe : describe.skip)(title, () => {
  const clusters = new Map<Setting, Cluster>();
  const caches = mkdtempSync(join(tmpdir(), 'kubedouble-compared-cache-'));
  let results: readonly Promise<readonly Recorded[]>[];

  beforeAll(async () => {
    clusters.set('apiserver', await startCluster({ components: ['apiserver'], freeze: true }));
    clusters.set('cluster', await startCluster({ nodes: 3, freeze: true }));
    results = runAll(
      files.map(({ file }) => file),
      (file) =>
        runCase(
          {
            kubectl: kubectlPath!,
            kubeconfig: clusters.get(file.setting)!.kubeconfig,
            digits: '00000',
            cache: join(caches, file.setting),
          },
          file,
        ),
    );
  });

  afterAll(async () => {
    await Promise.allSettled(results ?? []);
    await Promise.all([...clusters.values()].map((cluster) => cluster.stop()));
    rmSync(caches, { recursive: true, force: true });
  });

  describe.each(files.map((one, index) => ({ ...one, index, title: `${one.file.setting}/${one.file.name}` })))(
    '$title',
    ({ recording, index }) => {
      let commands: readonly Recorded[];

      beforeAll(async () => {
        commands = await results[index]!;
      }, 120_000);

      it.each(recording.commands.map(({ run }, at) => ({ at, title: `${at + 1}. ${run}` })))('$title', ({ at }) => {
        expect(commands[at]).toEqual(recording.commands[at]);
      });
    },
  );
});
