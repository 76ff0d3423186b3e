// The kubelets: simulated worker nodes that register, run pods and report, as clients of the API alone.
export { createKubelets } from './kubelets.js';
export type { Kubelets, KubeletsOptions, NodeCapacity, NodeHandle, NodePower } from './options.js';
