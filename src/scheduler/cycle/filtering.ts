// Whether one node does for a pod.
import { errorText } from '../../client/logger.js';
import type { NamedCheck, NodeInfo, Nominations, PodCheck, PodInfo, Rejection } from '../framework.js';
import { MutableNodeInfo } from './node-info.js';
import { PluginError } from './plugin-error.js';

export interface NamedRejection {
  readonly plugin: string;
  readonly rejection: Rejection;
}

/** The first plugin that rejects the node speaks for it. Undefined: the node passes all. Throws PluginError. */
export function rejectionOf(checks: readonly NamedCheck[], node: NodeInfo): NamedRejection | undefined {
  let at = 0;
  try {
    for (; at < checks.length; at++) {
      const rejection = checks[at]!.check.filter(node);
      if (rejection !== undefined) return { plugin: checks[at]!.plugin, rejection };
    }
    return undefined;
  } catch (error) {
    throw new PluginError(`running "${checks[at]!.plugin}" filter plugin: ${errorText(error)}`, { cause: error });
  }
}

/** A node on trial: pods are put on it and taken off, and the plugins see it so. */
export interface Trial {
  readonly node: NodeInfo;
  readonly checks: readonly NamedCheck[];
  add(pod: PodInfo): void;
  remove(pod: PodInfo): void;
}

export function createTrial(node: NodeInfo, checks: readonly NamedCheck[]): Trial {
  const copy = MutableNodeInfo.copyOf(node);
  const forked = checks.map(({ plugin, check }) => ({ plugin, check: check.fork?.() ?? check }));
  const tell = (run: (check: PodCheck) => void): void => forked.forEach(({ check }) => run(check));
  return {
    node: copy,
    checks: forked,
    add(pod) {
      copy.count(pod, 1);
      tell((check) => check.add?.(pod, copy));
    },
    remove(pod) {
      copy.count(pod, -1);
      tell((check) => check.remove?.(pod, copy));
    },
  };
}

/** With pods for which room is made there, as if they were there already, and without them: either might not be so in the end. */
export function withNominated(
  nominations: Nominations,
  pod: PodInfo,
  node: NodeInfo,
  checks: readonly NamedCheck[],
  run: (checks: readonly NamedCheck[], node: NodeInfo) => NamedRejection | undefined,
): NamedRejection | undefined {
  const nominated = nominations.on(node.name);
  if (nominated.length > 0) {
    const others = nominated.filter(({ key, priority }) => key !== pod.key && priority >= pod.priority && !node.pods.has(key));
    if (others.length > 0) {
      const trial = createTrial(node, checks);
      for (const other of others) trial.add(other);
      const rejection = run(trial.checks, trial.node);
      if (rejection !== undefined) return rejection;
    }
  }
  return run(checks, node);
}
