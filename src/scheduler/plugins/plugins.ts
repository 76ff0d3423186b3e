// The plugins that are on, in the order of the real scheduler. Affinity between pods, topology spread and preemption take their place here.
// https://kubernetes.io/docs/reference/scheduling/config/#scheduling-plugins
import type { Plugins } from '../framework.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';

export const defaultPlugins: Plugins = {
  preEnqueue: [schedulingGates],
  filters: [nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodePorts, nodeResourcesFit],
  scores: [taintToleration, nodeAffinity, nodeResourcesFit],
};
