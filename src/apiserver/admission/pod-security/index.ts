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
import type { PodSecurityConfiguration } from './configuration.js';
import { asksForMore, checkLabels, exemptPolicy, existingPodWarnings, mostPods } from './labels.js';
import { findingsOf, findingsText, labelPrefix, standardOf, warningStandard, type Mode, type Standard } from './standards.js';

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

/** What holds in a namespace. */
type Policy = Readonly<Record<Mode, Standard>>;

/** Refuses pods with 403, warns of pods and workloads, annotates their audit events, and checks the labels of namespaces. */
export function podSecurity(registry: Registry, storages: Storages, { defaults, exemptions }: PodSecurityConfiguration): AdmissionPlugin {
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
    const { metadata } = object as unknown as KubeObject;
    const now = standardOf(metadata.labels, 'enforce', defaults.enforce);
    if (old !== undefined && !asksForMore(now, standardOf(old.metadata.labels, 'enforce', defaults.enforce))) return;
    if (exemptions.namespaces.has(metadata.name)) {
      const policy = exemptPolicy(metadata.labels, defaults);
      if (policy !== undefined)
        warnings.push(`namespace "${metadata.name}" is exempt from Pod Security, and the policy (${policy}) will be ignored`);
      return;
    }
    if (old === undefined) return;
    const pods = (await podsOf(metadata.name)).filter(({ spec }) => !isExemptClass(spec));
    warnings.push(...existingPodWarnings(metadata.name, now, pods));
  };
  const isExemptClass = (spec: PodSpec | undefined): boolean =>
    spec?.runtimeClassName !== undefined && exemptions.runtimeClasses.has(spec.runtimeClassName);
  const exempt = (request: AdmissionRequest, why: string): void => request.audit?.annotate(`${labelPrefix}exempt`, why);

  const judge = (request: AdmissionRequest, labels: Labels): void => {
    const { kind, object, user, namespace } = request;
    if (exemptions.namespaces.has(namespace)) return exempt(request, 'namespace');
    if (exemptions.usernames.has(user.name)) return exempt(request, 'user');
    const enforce = standardOf(labels, 'enforce', defaults.enforce);
    const policy: Policy = {
      enforce,
      audit: standardOf(labels, 'audit', defaults.audit),
      warn: warningStandard(labels, enforce, defaults.warn),
    };
    if (kind.resource === 'pods') return judgePod(request, policy);
    if (policy.warn.level === 'privileged' && (policy.audit.level === 'privileged' || request.audit === undefined)) return;
    const template = at(object, templates.get(kind.resource)!.path);
    if (template === undefined) return;
    if (isExemptClass(template.spec)) return exempt(request, 'runtimeClass');
    audit(request, template, policy);
    warn(request, template, policy);
  };
  const judgePod = (request: AdmissionRequest, policy: Policy): void => {
    const { kind, object, old } = request;
    const { enforce } = policy;
    const tellPolicy = (): void => request.audit?.annotate(`${labelPrefix}enforce-policy`, nameOf(enforce));
    if (enforce.level === 'privileged' && policy.audit.level === 'privileged' && policy.warn.level === 'privileged') return tellPolicy();
    const pod = object as unknown as Pod;
    if (old !== undefined && !isNews(pod, old as Pod)) return;
    if (isExemptClass(pod.spec)) return exempt(request, 'runtimeClass');
    tellPolicy();
    audit(request, pod, policy);
    const findings = findingsOf(pod, enforce);
    if (findings.length > 0)
      throw forbidden(kind, pod.metadata.name ?? '', `violates PodSecurity "${nameOf(enforce)}": ${findingsText(findings)}`);
    warn(request, pod, policy);
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

/** `baseline:latest`. */
function nameOf({ level, version }: Standard): string {
  return `${level}:${version}`;
}

function violation(pod: JudgedPod, standard: Standard): string | undefined {
  const findings = findingsOf(pod, standard);
  return findings.length === 0 ? undefined : `would violate PodSecurity "${nameOf(standard)}": ${findingsText(findings)}`;
}

function warn({ warnings }: AdmissionRequest, pod: JudgedPod, policy: Policy): void {
  const text = violation(pod, policy.warn);
  if (text !== undefined) warnings.push(text);
}

function audit(request: AdmissionRequest, pod: JudgedPod, policy: Policy): void {
  if (request.audit === undefined) return;
  const text = violation(pod, policy.audit);
  if (text !== undefined) request.audit.annotate(`${labelPrefix}audit-violations`, text);
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
