// The pods that a job creates.
import type { Job } from '../../../openapi/types/batch.v1.js';
import type { Container, Pod } from '../../../openapi/types/core.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { completionIndex, ignoredIndexFailures, indexFailures, trackingFinalizer } from './job-pods.js';

/** Names of pods are at most 63 characters, five of which are chance. */
const longestPrefix = 58;

/** The place of a new pod in an indexed job. */
export interface IndexPlace {
  readonly index: number;
  /** How often the index has failed; absent when no limit is set on that. */
  readonly failures?: { readonly counted: number; readonly ignored: number };
}

export function podDraft(job: Job, place?: IndexPlace): Draft<Pod> {
  const { template } = job.spec;
  const { name, namespace } = job.metadata;
  const { labels, annotations, finalizers = [] } = template.metadata ?? {};
  const metadata = { namespace, ownerReferences: [controllerReference(job)], finalizers: [...finalizers, trackingFinalizer] };
  if (place === undefined) {
    const more = { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
    return { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: `${name}-`, ...metadata, ...more }, spec: template.spec };
  }
  const index = String(place.index);
  const { containers, initContainers, ...spec } = template.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: prefixOf(name, index),
      ...metadata,
      labels: { ...labels, [completionIndex]: index },
      annotations: { ...annotations, [completionIndex]: index, ...failureAnnotations(place) },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndex) }),
    },
  };
}

function prefixOf(name: string, index: string): string {
  const end = `-${index}-`;
  return name.slice(0, longestPrefix - end.length) + end;
}

function failureAnnotations({ failures }: IndexPlace): Readonly<Record<string, string>> {
  if (failures === undefined) return {};
  const counted = { [indexFailures]: String(failures.counted) };
  return failures.ignored === 0 ? counted : { ...counted, [ignoredIndexFailures]: String(failures.ignored) };
}

const variable = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${completionIndex}']` } },
};

/** Programs find their index in the environment, unless the template sets the variable itself. */
function withIndex(container: Container): Draft<Container> {
  const { env = [] } = container;
  return env.some(({ name }) => name === variable.name) ? container : { ...container, env: [...env, variable] };
}
