// What the scheduler is given to do: nodes in three zones, and pods that wait, with or without a constraint.
export const namespace = 'bench';
const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
/** Pods that want to be away from each other come in groups of so many. */
const groupSize = 50;

export const constraints = ['none', 'anti-affinity', 'spread'] as const;
export type Constraint = (typeof constraints)[number];

export interface Work {
  readonly nodes: number;
  readonly pods: number;
  readonly constraint: Constraint;
}

export function nodeOf(index: number) {
  const name = `bench-${index}`;
  const amounts = { cpu: '32', memory: '256Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [hostname]: name, [zone]: `zone-${index % 3}` } },
    status: { capacity: amounts, allocatable: amounts },
  };
}

export function podOf(index: number, constraint: Constraint) {
  const group = `group-${Math.floor(index / groupSize)}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, namespace, labels: { group } },
    spec: { ...base, ...constrained(constraint, { matchLabels: { group } }) },
  };
}

/** Without a token, so that no controller has to be there for it. */
const base = {
  containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m', memory: '128Mi' } } }],
  automountServiceAccountToken: false,
};

function constrained(constraint: Constraint, labelSelector: object): object {
  switch (constraint) {
    case 'none':
      return {};
    case 'anti-affinity':
      return {
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: hostname, labelSelector }] } },
      };
    case 'spread':
      return { topologySpreadConstraints: [{ topologyKey: zone, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector }] };
  }
}

/** Counts pods that got their node; the time runs from the first to the last of them, so that no start of a program is in it. */
export class Progress {
  #left: number;
  #first: number | undefined;
  #done: (seconds: number) => void = () => undefined;
  readonly #all: number;
  /** Seconds between the first and the last. */
  readonly seconds: Promise<number>;

  constructor(pods: number) {
    this.#all = pods;
    this.#left = pods;
    this.seconds = new Promise((resolve) => (this.#done = resolve));
  }

  /** One more pod has its node. */
  placed(): void {
    this.#first ??= performance.now();
    if (--this.#left === 0) this.#done((performance.now() - this.#first) / 1000);
  }

  get placedSoFar(): number {
    return this.#all - this.#left;
  }
}
