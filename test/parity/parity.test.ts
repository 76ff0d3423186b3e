// The same questions to us as to a real kube-apiserver v1.36.3: the answers must be the same.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster, type Cluster } from '../../src/index.js';
import { targetOf } from '../support/kubeconfig.js';
import { readCases, runCase, serverOptions, type Recorded } from './cases.js';
import { divergences } from './divergences.js';
import type { Target } from './exchange.js';
import { withSortedManagers } from './normalise.js';

const folder = dirname(fileURLToPath(import.meta.url));
let cluster: Cluster;
let target: Target;

beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver'], freeze: true });
  target = targetOf(cluster.kubeconfig);
});

afterAll(() => cluster.stop());

describe.each(readCases(folder))('parity: $name', (file) => {
  const recorded = JSON.parse(readFileSync(join(folder, 'recorded', `${file.name}.json`), 'utf8')) as readonly Recorded[];
  let answers: readonly Recorded[];

  beforeAll(async () => {
    const { name, server } = file;
    const own = server && (await startCluster({ components: ['apiserver'], freeze: true, ...serverOptions(folder, server) }));
    answers = await runCase(own === undefined ? target : targetOf(own.kubeconfig), file, `parity-${name}`);
    await own?.stop();
  });

  it.each(recorded.map((one, index) => ({ index, title: `${index + 1}. ${one.request}` })))('$title', ({ index }) => {
    const expected = recorded[index]!;
    const known = divergences.get(`${file.name} ${index + 1}`);
    const wanted = known === undefined ? expected : { ...expected, answer: known.answer(expected.answer) };
    expect(withSortedManagers(answers[index])).toEqual(withSortedManagers(wanted));
  });
});
