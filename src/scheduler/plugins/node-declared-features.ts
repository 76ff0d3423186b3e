// NodeDeclaredFeatures: a pod that uses something which not every kubelet can do goes to a node that declares it.
// https://kubernetes.io/docs/reference/node/node-declared-features/ and KEP-5328
import type { Container, Node, PodSpec } from '../../../openapi/types/core.v1.js';
import type { Plugin, PodInfo, Rejection } from '../framework.js';

const rejection: Rejection = { reasons: ["node(s) didn't match Pod's required features"], resolvable: false };
const restartAll = 'RestartAllContainersOnContainerExits';

function restartsAll({ restartPolicyRules = [] }: Container): boolean {
  return restartPolicyRules.some(({ action }) => action === 'RestartAllContainers');
}

/** What a pod needs that a node must declare, by the names of the nodes' features. */
function needs({ initContainers = [], containers }: PodSpec): readonly string[] {
  return containers.some(restartsAll) || initContainers.some(restartsAll) ? [restartAll] : [];
}

function declares(node: Node | undefined, needed: readonly string[]): boolean {
  const declared = node?.status?.declaredFeatures ?? [];
  return needed.every((feature) => declared.includes(feature));
}

export function nodeDeclaredFeatures(): Plugin {
  return {
    name: 'NodeDeclaredFeatures',
    preFilter({ pod }: PodInfo) {
      const needed = needs(pod.spec);
      return needed.length === 0 ? undefined : { filter: ({ node }) => (declares(node, needed) ? undefined : rejection) };
    },
    listens: ['node'],
    helps: ({ node }, { pod }) => node?.node !== undefined && declares(node.node, needs(pod.spec)),
  };
}
