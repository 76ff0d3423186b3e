// Plays case files on several clusters at once: while one waits for a watch to end, the others go on.
import { startCluster, type Cluster } from '../../src/index.js';
import { targetOf } from '../support/kubeconfig.js';
import { runCase, serverOptions, type CaseFile, type Recorded } from './cases.js';

interface Lane {
  /** Started for the first file that needs it. */
  cluster?: Promise<Cluster>;
  /** Settles when the files so far are played. */
  busy: Promise<unknown>;
}

/** Each file is played once, by the same lane each time and after the same files, whatever the machine's speed. */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #answers = new Map<CaseFile, Promise<readonly Recorded[]>>();

  /** @param folder of the case files @param files all of them, in their order */
  constructor(
    private readonly folder: string,
    private readonly files: readonly CaseFile[],
    count: number,
  ) {
    this.#lanes = Array.from({ length: count }, () => ({ busy: Promise.resolve() }));
  }

  /** What the server answers to a file. Rejects when a step could not be asked or set up. */
  answers(file: CaseFile): Promise<readonly Recorded[]> {
    const known = this.#answers.get(file);
    if (known !== undefined) return known;
    const lane = this.#lanes[this.files.indexOf(file) % this.#lanes.length]!;
    const answers = lane.busy.then(() => this.#play(lane, file));
    lane.busy = answers.catch(() => undefined);
    this.#answers.set(file, answers);
    return answers;
  }

  /** Resolves when all files that were asked for are played. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map(({ busy }) => busy));
  }

  async stop(): Promise<void> {
    await this.idle();
    await Promise.all(this.#lanes.map(async ({ cluster }) => (await cluster)?.stop()));
  }

  async #play(lane: Lane, file: CaseFile): Promise<readonly Recorded[]> {
    const namespace = `parity-${file.name}`;
    if (file.server === undefined) {
      lane.cluster ??= startCluster({ components: ['apiserver'], freeze: true });
      return runCase(targetOf((await lane.cluster).kubeconfig), file, namespace);
    }
    const own = await startCluster({ components: ['apiserver'], freeze: true, ...serverOptions(this.folder, file.server) });
    try {
      return await runCase(targetOf(own.kubeconfig), file, namespace);
    } finally {
      await own.stop();
    }
  }
}
