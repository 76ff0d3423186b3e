// The pod that a daemon set makes for a node.
import type { DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { affinityTo, tolerationsOf } from './placement.js';

/** The label of pods and revisions with the hash of the template. */
export const hashLabel = 'controller-revision-hash';
/** Kept for clients of the old API: a number that grows with each new template. */
const generationLabel = 'pod-template-generation';
const generationAnnotation = 'deprecated.daemonset.template.generation';

/** The draft for a node's name. */
export function podDrafts(set: DaemonSet, hash: string): (node: string) => Draft<Pod> {
  const { metadata, spec } = set.spec.template;
  const { annotations, finalizers } = metadata ?? {};
  const generation = set.metadata.annotations?.[generationAnnotation];
  const labels = {
    ...metadata?.labels,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
    [hashLabel]: hash,
  };
  const tolerations = tolerationsOf(spec);
  return (node) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels,
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: { ...spec, affinity: affinityTo(spec, node), tolerations },
  });
}
