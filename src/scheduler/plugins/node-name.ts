// NodeName: a pod that names its node goes nowhere else.
import type { Plugin, Rejection } from '../framework.js';

const rejection: Rejection = { reasons: ["node(s) didn't match the requested node name"], resolvable: false };

export function nodeName(): Plugin {
  return {
    name: 'NodeName',
    preFilter({ pod }) {
      const wanted = pod.spec.nodeName;
      if (wanted === undefined || wanted === '') return undefined;
      return { filter: (node) => (wanted === node.name ? undefined : rejection) };
    },
    listens: ['node'],
    helps: ({ node }, { pod }) => node?.name === pod.spec.nodeName,
  };
}
