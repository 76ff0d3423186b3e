// What all extenders together say of a pod, in the order of the configuration.
import { errorText, type Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { NodeInfo, NodeList, PodInfo, Rejection } from '../framework.js';
import type { Candidate } from '../preemption/candidates.js';
import type { ExtenderConfiguration } from './configuration.js';
import { createExtender, type Extender } from './extender.js';

/** An extender that may not be left out has failed; `message` is for the pod's condition. */
export class ExtenderError extends Error {}

export interface Extenders {
  /** Those that have a say in where this pod goes; undefined: nobody has. */
  of(pod: PodInfo): PodExtenders | undefined;
  close(): Promise<void>;
}

/** The extenders of one pod. */
export interface PodExtenders {
  /** The nodes that every one takes; adds why others do not do. Rejects with the ExtenderError of one that may not be ignored. */
  filter(nodes: readonly NodeInfo[], rejections: Map<string, Rejection>): Promise<readonly NodeInfo[]>;
  /** What is to be added to the nodes' scores. Never rejects: without an answer there is no opinion. */
  prioritize(nodes: readonly NodeInfo[]): Promise<ReadonlyMap<string, number>>;
  /** Undefined: none takes part in preemption. Rejects as `filter` does. */
  readonly preempt: ((candidates: readonly Candidate[], nodes: NodeList) => Promise<readonly Candidate[]>) | undefined;
  /** Undefined: the scheduler binds the pod itself. */
  readonly bind: ((node: string, signal: AbortSignal) => Promise<void>) | undefined;
}

/** @param signal ends all requests */
export function createExtenders(
  configurations: readonly ExtenderConfiguration[],
  { clock, logger, signal }: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Extenders {
  const all = configurations.map((one) => createExtender(one, clock));

  /** Asks one after the other; those that may be ignored are, when they fail. */
  const inTurn = async <T>(
    extenders: readonly Extender[],
    first: readonly T[],
    ask: (extender: Extender, left: readonly T[]) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => {
    let left = first;
    for (const extender of extenders) {
      if (left.length === 0) break;
      try {
        left = await ask(extender, left);
      } catch (error) {
        if (!extender.ignorable) throw new ExtenderError(errorText(error), { cause: error });
        logger.warn(`the extender ${extender.url} was left out`, { error: errorText(error) });
      }
    }
    return left;
  };

  return {
    of(info) {
      const { pod } = info;
      const interested = all.filter((extender) => extender.interestedIn(pod));
      if (interested.length === 0) return undefined;
      const preempting = interested.filter(({ preempts }) => preempts);
      const binder = interested.find(({ binds }) => binds);
      return {
        filter: (nodes, rejections) =>
          inTurn(
            interested.filter(({ filters }) => filters),
            nodes,
            async (extender, left) => {
              const filtered = await extender.filter(pod, left, signal);
              for (const [name, rejection] of filtered.rejections) rejections.set(name, rejection);
              return filtered.nodes;
            },
          ),
        async prioritize(nodes) {
          const sums = new Map<string, number>();
          const asked = interested.filter(({ prioritizes }) => prioritizes);
          const answers = await Promise.allSettled(asked.map((extender) => extender.prioritize(pod, nodes, signal)));
          answers.forEach((answer, index) => {
            if (answer.status === 'fulfilled') for (const [name, score] of answer.value) sums.set(name, (sums.get(name) ?? 0) + score);
            else logger.warn(`the extender ${asked[index]!.url} gave no scores`, { error: errorText(answer.reason) });
          });
          return sums;
        },
        preempt:
          preempting.length === 0
            ? undefined
            : (candidates, nodes) => inTurn(preempting, candidates, (extender, left) => extender.preempt(pod, left, nodes, signal)),
        bind: binder && ((node, ending) => binder.bind(pod, node, ending)),
      };
    },
    async close() {
      await Promise.all(all.map((extender) => extender.close()));
    },
  };
}
