// NodeName: a pod that names its node goes nowhere else.
import type { FilterPlugin, Rejection } from '../framework.js';

const rejection: Rejection = { reasons: ["node(s) didn't match the requested node name"], resolvable: false };

export const nodeName: FilterPlugin = {
  name: 'NodeName',
  filter({ pod }, node) {
    const wanted = pod.spec.nodeName;
    return wanted === undefined || wanted === '' || wanted === node.name ? undefined : rejection;
  },
};
