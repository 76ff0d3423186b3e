// Jobs. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
import type { Container, PodSpec } from '../../../openapi/types/core.v1.js';
import type { Job, JobSpec } from '../../../openapi/types/batch.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { changesContent, templateWarnings } from '../apps/warnings.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { mismatchErrors, shownLabels, shownSelector } from '../core/podspec/template.js';
import { hostNameWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, StrategyContext, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { humanDuration } from '../printing/duration.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, immutableText } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { keepField } from '../rules/status.js';
import { shownFailurePolicy, shownSuccessPolicy } from './job-policies.js';
import { isTooBigToTrack, jobSpecErrors } from './job-spec.js';
import { hasCondition, jobStatusErrors } from './job-status.js';

const uidLabel = 'batch.kubernetes.io/controller-uid';
const nameLabel = 'batch.kubernetes.io/job-name';
/** Without a domain: what they were called before 1.27. */
const oldUidLabel = 'controller-uid';
const oldNameLabel = 'job-name';

/** As many failures as there can be: with a limit per index the job's own limit does not matter. */
const unlimited = 2 ** 31 - 1;

const fill = workloadDefaults([
  // One completion unless the client says how many run at once, or that any may do.
  ['spec.completions', (spec) => (spec['parallelism'] === undefined ? 1 : undefined)],
  ['spec.parallelism', 1],
  ['spec.backoffLimit', (spec) => (spec['backoffLimitPerIndex'] === undefined ? 6 : unlimited)],
  ['spec.completionMode', 'NonIndexed'],
  ['spec.suspend', false],
  ['spec.manualSelector', false],
  ['spec.podReplacementPolicy', (spec) => (spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed')],
  ['spec.podFailurePolicy.rules[].onPodConditions[].status', 'True'],
]);

/** A job without labels gets those of its template. */
function applyDefaults(draft: Mutable): void {
  fill(draft);
  const { metadata } = draft;
  const labels = (draft as unknown as Job).spec?.template?.metadata?.labels;
  if (isRecord(metadata) && metadata['labels'] === undefined && labels !== undefined) metadata['labels'] = { ...labels };
}

function recordAt(parent: Mutable, field: string): Mutable {
  const value = parent[field];
  if (isRecord(value)) return value;
  const fresh: Mutable = {};
  parent[field] = fresh;
  return fresh;
}

/** Pods are found by the job's uid unless the client brings a selector of its own. https://kubernetes.io/docs/concepts/workloads/controllers/job/#specifying-your-own-pod-selector */
function generateSelector(draft: Mutable, uid: string): void {
  const spec = recordAt(draft, 'spec');
  if (spec['manualSelector'] === true) return;
  const name = (draft as unknown as KubeObject).metadata.name;
  const labels = { [uidLabel]: uid, [nameLabel]: name, [oldUidLabel]: uid, [oldNameLabel]: name };
  const own = recordAt(draft, 'metadata');
  const template = recordAt(recordAt(spec, 'template'), 'metadata');
  // Labels that came from the template stay those of the template.
  const shared = deepEqual(own['labels'] ?? template['labels'], template['labels']);
  template['labels'] = { ...labels, ...(isRecord(template['labels']) ? template['labels'] : {}) };
  // A name that is too long for a label is told of once, as the template's.
  if (shared && labelValueProblems(name).length === 0) own['labels'] = { ...(template['labels'] as Mutable) };
  const selector = recordAt(spec, 'selector');
  selector['matchLabels'] = { ...(isRecord(selector['matchLabels']) ? selector['matchLabels'] : {}), [uidLabel]: uid };
}

function prepareForCreate(draft: Mutable, context: StrategyContext): void {
  draft['status'] = {};
  const metadata = recordAt(draft, 'metadata');
  metadata['uid'] ??= context.random.uid();
  generateSelector(draft, metadata['uid'] as string);
}

/** A selector that the server makes is made of the uid and nothing else, and the template has the labels that it goes by. */
function generatedErrors({ metadata, spec }: Job): FieldError[] {
  if (spec?.manualSelector === true || spec?.selector === undefined) return [];
  const uid = metadata.uid ?? '';
  const errors: FieldError[] = [];
  const made = [uidLabel, oldUidLabel].some((label) => deepEqual(spec.selector, { matchLabels: { [label]: uid } }));
  if (!made) errors.push(invalid('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'));
  const labels = spec.template?.metadata?.labels;
  for (const [label, value] of [
    [oldUidLabel, uid],
    [oldNameLabel, metadata.name],
    [uidLabel, uid],
    [nameLabel, metadata.name],
  ] as const) {
    const field = `spec.template.metadata.labels[${label}]`;
    const why = `must be '${value}'`;
    if (labels?.[label] === undefined) errors.push(required(field, why));
    else if (labels[label] !== value) errors.push(invalid(field, shownLabels(labels), why));
  }
  return errors;
}

function specErrors(spec: JobSpec): FieldError[] {
  return [
    ...(spec.selector === undefined ? [required('spec.selector')] : labelSelectorErrors('spec.selector', spec.selector)),
    ...jobSpecErrors('spec', spec),
    ...mismatchErrors(spec.selector, spec.template),
  ];
}

function validate(object: KubeObject): FieldError[] {
  const job = object as Job;
  return [...generatedErrors(job), ...specErrors(job.spec ?? ({} as JobSpec)), ...indexedNameErrors(job)];
}

/** Pods of an indexed job have the job's name and their index for a host name. */
function indexedNameErrors({ metadata, spec }: Job): FieldError[] {
  if (spec?.completionMode !== 'Indexed' || spec.completions === undefined) return [];
  const last = `${metadata.name}-${Math.max(spec.completions - 1, 0)}`;
  const form = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
  return form.test(last) ? [] : [invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${last}`)];
}

/** Of the containers of a suspended job the resources may change. */
function withoutResources(containers: readonly Container[] | undefined): unknown {
  return containers?.map(({ resources: _, ...rest }) => rest);
}

/** What may not change of the template of a suspended job: not where its pods may run, nor what they ask for. */
function fixedPodSpec(spec: PodSpec | undefined): unknown {
  if (spec === undefined) return undefined;
  const { nodeSelector: _n, tolerations: _t, schedulingGates: _g, affinity, containers, initContainers, ...rest } = spec;
  const { nodeAffinity: _a, ...others } = affinity ?? {};
  return {
    ...rest,
    affinity: Object.keys(others).length === 0 ? undefined : others,
    containers: withoutResources(containers),
    initContainers: withoutResources(initContainers),
  };
}

/** A suspended job whose pods are gone may still be told where to run. https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives */
function templateChangeErrors(now: JobSpec, old: Job): FieldError[] {
  const was = old.spec ?? ({} as JobSpec);
  const suspended = was.suspend === true && (old.status?.startTime === undefined || hasCondition(old.status, 'Suspended'));
  if (!suspended) return [...immutable('spec.template', now.template, was.template)];
  const same = deepEqual(fixedPodSpec(now.template?.spec), fixedPodSpec(was.template?.spec));
  return same ? [] : [invalid('spec.template.spec', now.template?.spec, immutableText)];
}

/** An indexed job may grow and shrink when all its pods run at once. https://kubernetes.io/docs/concepts/workloads/controllers/job/#elastic-indexed-jobs */
function completionsErrors({ completionMode, completions, parallelism }: JobSpec, before: number | undefined): FieldError[] {
  const field = 'spec.completions';
  if (completionMode !== 'Indexed') return [...immutable(field, completions, before, completions ?? null)];
  if (completions === undefined || completions === before || completions === parallelism) return [];
  return [invalid(field, completions, 'can only be modified in tandem with spec.parallelism')];
}

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const old = before as Job;
  const now = (object as Job).spec ?? ({} as JobSpec);
  const was = old.spec ?? ({} as JobSpec);
  return [
    ...metadataAgain(object, before),
    // Told of a second time.
    ...specErrors(now),
    ...completionsErrors(now, was.completions),
    ...immutable('spec.selector', now.selector, was.selector, shownSelector(now.selector)),
    ...templateChangeErrors(now, old),
    ...immutable('spec.completionMode', now.completionMode, was.completionMode, now.completionMode ?? null),
    ...immutable('spec.podFailurePolicy', now.podFailurePolicy, was.podFailurePolicy, shownFailurePolicy(now.podFailurePolicy)),
    ...immutable('spec.backoffLimitPerIndex', now.backoffLimitPerIndex, was.backoffLimitPerIndex, now.backoffLimitPerIndex ?? null),
    ...immutable('spec.managedBy', now.managedBy, was.managedBy, now.managedBy ?? null),
    ...immutable('spec.successPolicy', now.successPolicy, was.successPolicy, shownSuccessPolicy(now.successPolicy)),
  ];
}

const trackingWarning =
  'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

const conditionsShown = ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function statusText(job: Job): string {
  const ended = ['Complete', 'Failed'].find((type) => hasCondition(job.status, type));
  if (ended !== undefined) return ended;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return conditionsShown.find((type) => hasCondition(job.status, type)) ?? 'Running';
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const job = object as Job;
  return [
    nameOf(object),
    statusText(job),
    completionsText(job),
    durationText(job, context.now),
    ageOf(object, context),
    ...containerCells(job.spec?.template?.spec),
    selectorText(job.spec?.selector),
  ];
}

function specWarnings({ spec }: Job): readonly string[] {
  return [...(isTooBigToTrack(spec ?? ({} as JobSpec)) ? [trackingWarning] : []), ...templateWarnings(spec?.template)];
}

export const jobs: KindDefinition = {
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  generation: true,
  orphansByDefault: true,
  selectableFields: { 'status.successful': (object) => String((object as Job).status?.succeeded ?? 0) },
  unknownField: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  strategy: {
    deletionWarning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    applyDefaults,
    ...preparingTemplate(['spec', 'template'], {
      prepareForCreate,
      prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
    }),
    validate,
    validateUpdate,
    validateStatusUpdate: (object, old) => [...jobStatusErrors(object as Job, old as Job), ...metadataAgain(object, old)],
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...(changesContent(object, old) ? specWarnings(object as Job) : []),
    ],
  },
  cells,
};
