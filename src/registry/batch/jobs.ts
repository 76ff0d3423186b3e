// Jobs. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
import type { Job, JobSpec } from '../../../openapi/types/batch.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { countErrors, countOf } from '../apps/counts.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { mismatchErrors, shownSelector } from '../core/podspec/template.js';
import { hostNameWarnings, podSpecWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, StrategyContext, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { humanDuration } from '../printing/duration.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, immutableText } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { keepField } from '../rules/status.js';
import { jobSpecErrors } from './job-spec.js';

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
  template['labels'] = { ...(isRecord(template['labels']) ? template['labels'] : {}), ...labels };
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

/** A selector that the server makes is made of the uid and nothing else. */
function generatedSelectorErrors({ metadata, spec }: Job): FieldError[] {
  if (spec?.manualSelector === true || spec?.selector === undefined) return [];
  const wanted = { matchLabels: { [uidLabel]: metadata.uid ?? '' } };
  const older = { matchLabels: { [oldUidLabel]: metadata.uid ?? '' } };
  if (deepEqual(spec.selector, wanted) || deepEqual(spec.selector, older)) return [];
  return [invalid('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated')];
}

function validate(object: KubeObject): FieldError[] {
  const job = object as Job;
  const spec = job.spec ?? ({} as JobSpec);
  const nameProblems = spec.manualSelector === true ? [] : labelValueProblems(job.metadata.name);
  return [
    ...generatedSelectorErrors(job),
    ...(nameProblems.length > 0 ? nameProblems.map((why) => invalid('spec.template.labels', job.metadata.name, why)) : []),
    ...(spec.selector === undefined ? [required('spec.selector')] : labelSelectorErrors('spec.selector', spec.selector)),
    ...mismatchErrors(spec.selector, spec.template),
    ...jobSpecErrors('spec', spec),
    ...indexedNameErrors(job),
  ];
}

/** Pods of an indexed job have the job's name and their index for a host name. */
function indexedNameErrors({ metadata, spec }: Job): FieldError[] {
  if (spec?.completionMode !== 'Indexed' || spec.completions === undefined) return [];
  const last = `${metadata.name}-${Math.max(spec.completions - 1, 0)}`;
  const form = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
  return form.test(last) ? [] : [invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${last}`)];
}

/** A suspended job that has not started may still be told where to run. https://kubernetes.io/docs/concepts/workloads/controllers/job/#mutable-scheduling-directives */
function templateToCompare(job: Job, suspended: boolean): unknown {
  const { template } = job.spec ?? ({} as JobSpec);
  if (!suspended || template?.spec === undefined) return template;
  const { nodeSelector: _n, tolerations: _t, affinity, schedulingGates: _g, ...rest } = template.spec;
  const { labels: _l, annotations: _a, ...metadata } = template.metadata ?? {};
  return { ...template, metadata, spec: { ...rest, affinity: { ...affinity, nodeAffinity: undefined } } };
}

function validateUpdate(object: KubeObject, before: KubeObject): FieldError[] {
  const job = object as Job;
  const old = before as Job;
  const now = job.spec ?? ({} as JobSpec);
  const was = old.spec ?? ({} as JobSpec);
  const suspended = was.suspend === true && old.status?.startTime === undefined;
  const errors: FieldError[] = [];
  const elastic = now.completionMode === 'Indexed' && now.completions === now.parallelism;
  if (!elastic) errors.push(...immutable('spec.completions', now.completions, was.completions, now.completions ?? null));
  errors.push(...immutable('spec.selector', now.selector, was.selector, shownSelector(now.selector)));
  if (!deepEqual(templateToCompare(job, suspended), templateToCompare(old, suspended))) {
    errors.push(invalid('spec.template', now.template, immutableText));
  }
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) {
    errors.push(...immutable(`spec.${field}`, now[field], was[field], now[field] ?? null));
  }
  return errors;
}

function hasCondition(job: Job, type: string): boolean {
  return job.status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;
}

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'];

function validateStatus(object: KubeObject, before: KubeObject): FieldError[] {
  const job = object as Job;
  const old = before as Job;
  const now = job.status;
  const errors = countErrors(now, counts);
  if (countOf(now, 'succeeded') < countOf(old.status, 'succeeded')) {
    errors.push(invalid('status.succeeded', countOf(now, 'succeeded'), 'cannot decrease the succeeded counter'));
  }
  if (countOf(now, 'failed') < countOf(old.status, 'failed')) {
    errors.push(invalid('status.failed', countOf(now, 'failed'), 'cannot decrease the failed counter'));
  }
  const complete = hasCondition(job, 'Complete');
  if (complete && now?.completionTime === undefined)
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  if (complete && !hasCondition(job, 'SuccessCriteriaMet')) {
    const message = 'Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition';
    errors.push({ field: 'status.conditions', reason: 'FieldValueInvalid', message });
  }
  if (hasCondition(job, 'Failed') && !hasCondition(job, 'FailureTarget')) {
    const message = 'Invalid value: cannot set Failed=True condition without the FailureTarget=true condition';
    errors.push({ field: 'status.conditions', reason: 'FieldValueInvalid', message });
  }
  if (!complete && now?.completionTime !== undefined) {
    errors.push(invalid('status.completionTime', now.completionTime, 'cannot set completionTime when there is no Complete=True condition'));
  }
  if ((complete || hasCondition(job, 'Failed')) && countOf(now, 'active') > 0) {
    errors.push(invalid('status.active', countOf(now, 'active'), 'active>0 is invalid for finished job'));
  }
  return errors;
}

const conditionsShown = ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function statusText(job: Job): string {
  const ended = ['Complete', 'Failed'].find((type) => hasCondition(job, type));
  if (ended !== undefined) return ended;
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return conditionsShown.find((type) => hasCondition(job, type)) ?? 'Running';
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

export const jobs: KindDefinition = {
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  generation: true,
  orphansByDefault: true,
  selectableFields: { 'status.successful': (object) => String((object as Job).status?.succeeded ?? 0) },
  unknownField: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  strategy: {
    applyDefaults,
    prepareForCreate,
    prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
    validate,
    validateUpdate,
    validateStatusUpdate: validateStatus,
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...podSpecWarnings('spec.template.spec', (object as Job).spec?.template?.spec),
    ],
  },
  cells,
};
