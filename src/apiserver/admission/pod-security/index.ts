// PodSecurity: pods are as the standards want them that their namespace names: refused, or with a warning.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/
import type { Container, Pod, PodSpec } from '../../../../openapi/types/core.v1.js';
import { forbidden } from '../../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../../apimachinery/object.js';
import type { Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import type { JudgedPod } from './check.js';
import { asksForMore, checkLabels, existingPodWarnings, mostPods } from './labels.js';
import { findingsOf, findingsText, standardOf } from './standards.js';

type Labels = Readonly<Record<string, string>> | undefined;

/** Where workloads have the template of their pods, by the resource's name. */
const templates: ReadonlyMap<string, { readonly group: string; readonly path: readonly string[] }> = new Map([
  ['podtemplates', { group: '', path: ['template'] }],
  ['replicationcontrollers', { group: '', path: ['spec', 'template'] }],
  ['replicasets', { group: 'apps', path: ['spec', 'template'] }],
  ['deployments', { group: 'apps', path: ['spec', 'template'] }],
  ['statefulsets', { group: 'apps', path: ['spec', 'template'] }],
  ['daemonsets', { group: 'apps', path: ['spec', 'template'] }],
  ['jobs', { group: 'batch', path: ['spec', 'template'] }],
  ['cronjobs', { group: 'batch', path: ['spec', 'jobTemplate', 'spec', 'template'] }],
]);

function handles({ operation, kind, subresource }: AdmissionRequest): boolean {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
  if (kind.group === '' && kind.resource === 'pods') return subresource === '' || subresource === 'ephemeralcontainers';
  if (subresource !== '') return false;
  return (kind.group === '' && kind.resource === 'namespaces') || templates.get(kind.resource)?.group === kind.group;
}

/** Refuses pods with 403, warns of pods and workloads, and checks the labels of namespaces. */
export function podSecurity(registry: Registry, storages: Storages): AdmissionPlugin {
  const kindOf = (resource: string): Kind => registry.byResource('', 'v1', resource)!;
  const labelsOf = (namespace: string): Labels => {
    const storage = storages.of(kindOf('namespaces'));
    return storage.cache.get(storage.key('', namespace))?.value.metadata.labels;
  };
  const podsOf = async (namespace: string): Promise<readonly Pod[]> => {
    const storage = storages.of(kindOf('pods'));
    await storage.cache.ready();
    return storage.cache.list({ prefix: storage.prefix(namespace), limit: mostPods }).entries.map(({ value }) => value as Pod);
  };

  const judgeNamespace = async (request: AdmissionRequest): Promise<void> => {
    checkLabels(request);
    const { object, old, warnings } = request;
    if (old === undefined) return;
    const namespace = object as unknown as KubeObject;
    if (asksForMore(namespace, old)) warnings.push(...existingPodWarnings(namespace, await podsOf(namespace.metadata.name)));
  };
  const judge = (request: AdmissionRequest, labels: Labels): void => {
    const { kind, object, warnings } = request;
    if (labels === undefined) return;
    if (kind.resource === 'pods') return judgePod(request, labels);
    const template = standardOf(labels, 'warn').level === 'privileged' ? undefined : at(object, templates.get(kind.resource)!.path);
    if (template !== undefined) warn(warnings, template, labels);
  };
  const judgePod = (request: AdmissionRequest, labels: Labels): void => {
    const { kind, object, old, warnings } = request;
    const pod = object as unknown as Pod;
    const enforced = standardOf(labels, 'enforce');
    const warned = standardOf(labels, 'warn');
    if (enforced.level === 'privileged' && warned.level === 'privileged') return;
    if (old !== undefined && !isNews(pod, old as Pod)) return;
    const findings = findingsOf(pod, enforced);
    if (findings.length > 0) {
      const why = `violates PodSecurity "${enforced.level}:${enforced.version}": ${findingsText(findings)}`;
      throw forbidden(kind, pod.metadata.name ?? '', why);
    }
    warn(warnings, pod, labels);
  };
  return {
    name: 'PodSecurity',
    handles,
    validate: (request) => {
      if (request.kind.resource === 'namespaces') return judgeNamespace(request);
      // Most namespaces ask for nothing: this costs their pods a look-up.
      const { cache } = storages.of(kindOf('namespaces'));
      if (!cache.started) return cache.ready().then(() => judge(request, labelsOf(request.namespace)));
      return judge(request, labelsOf(request.namespace));
    },
  };
}

function warn(warnings: string[], pod: JudgedPod, labels: Labels): void {
  const standard = standardOf(labels, 'warn');
  const findings = findingsOf(pod, standard);
  if (findings.length > 0) warnings.push(`would violate PodSecurity "${standard.level}:${standard.version}": ${findingsText(findings)}`);
}

/** The template at a path; undefined where there is none. */
function at(object: Mutable | undefined, path: readonly string[]): JudgedPod | undefined {
  let value: unknown = object;
  for (const part of path) value = isRecord(value) ? value[part] : undefined;
  if (!isRecord(value) || !isRecord(value['spec'])) return undefined;
  return { metadata: isRecord(value['metadata']) ? value['metadata'] : {}, spec: value['spec'] as unknown as PodSpec };
}

/** Whether an update changes what is judged: of a pod that runs, only its images and ephemeral containers can. */
function isNews({ spec }: Pod, { spec: old }: Pod): boolean {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;
  return lists.some((list) => {
    const now = (spec?.[list] ?? []) as readonly Pick<Container, 'image'>[];
    const before = (old?.[list] ?? []) as readonly Pick<Container, 'image'>[];
    return now.length !== before.length || now.some(({ image }, index) => image !== before[index]?.image);
  });
}
