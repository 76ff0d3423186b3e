// CronJobs. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
import type { CronJob, CronJobSpec, JobSpec } from '../../../openapi/types/batch.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { changesContent, templateWarnings } from '../apps/warnings.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { shownSelector } from '../core/podspec/template.js';
import { hostNameWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { age } from '../printing/duration.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { notNegative } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { jobSpecErrors } from './job-spec.js';
import { scheduleProblem } from './schedule.js';
import { timeZoneProblem } from './time-zones.js';

/** Names of jobs add eleven characters and must fit into a label. */
const longestName = 52;
const policies = ['Allow', 'Forbid', 'Replace'];

function scheduleErrors(schedule = ''): FieldError[] {
  const field = 'spec.schedule';
  if (schedule === '') return [required(field)];
  const problem = scheduleProblem(schedule);
  const errors = problem === undefined ? [] : [invalid(field, schedule, problem)];
  if (schedule.includes('TZ')) errors.push(invalid(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  return errors;
}

function timeZoneErrors(name: string | undefined): FieldError[] {
  const field = 'spec.timeZone';
  if (name === undefined) return [];
  if (name === '') return [invalid(field, name, 'timeZone must be nil or non-empty string')];
  const errors: FieldError[] = [];
  if (name.toLowerCase() === 'local') {
    errors.push(invalid(field, name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'));
  }
  const problem = timeZoneProblem(name);
  if (problem !== undefined) errors.push(invalid(field, name, problem));
  return errors;
}

function jobTemplateErrors(job: JobSpec | undefined): FieldError[] {
  if (job === undefined) return [];
  const field = 'spec.jobTemplate.spec';
  const errors = jobSpecErrors(field, job);
  if (job.selector !== undefined)
    errors.push(invalid(`${field}.selector`, shownSelector(job.selector), '`selector` will be auto-generated'));
  if (job.manualSelector === true) errors.push(notSupported(`${field}.manualSelector`, true, ['nil', 'false']));
  return errors;
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const { metadata, spec } = object as CronJob;
  const { schedule, timeZone, startingDeadlineSeconds, concurrencyPolicy, jobTemplate } = spec ?? ({} as CronJobSpec);
  const errors: FieldError[] = [
    ...scheduleErrors(schedule),
    ...notNegative('spec.startingDeadlineSeconds', startingDeadlineSeconds),
    ...timeZoneErrors(timeZone),
  ];
  if (concurrencyPolicy === undefined) errors.push(required('spec.concurrencyPolicy'));
  else if (!policies.includes(concurrencyPolicy)) errors.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, policies));
  errors.push(
    ...jobTemplateErrors(jobTemplate?.spec),
    ...notNegative('spec.successfulJobsHistoryLimit', spec?.successfulJobsHistoryLimit),
    ...notNegative('spec.failedJobsHistoryLimit', spec?.failedJobsHistoryLimit),
  );
  if (old === undefined && metadata.name.length > longestName)
    errors.push(invalid('metadata.name', metadata.name, `must be no more than ${longestName} characters`));
  return errors;
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec, status } = object as CronJob;
  const job = spec?.jobTemplate?.spec;
  const suspend = spec?.suspend;
  return [
    nameOf(object),
    spec?.schedule ?? '',
    spec?.timeZone ?? '<none>',
    suspend === undefined ? '<unset>' : suspend ? 'True' : 'False',
    status?.active?.length ?? 0,
    status?.lastScheduleTime === undefined ? '<none>' : age(status.lastScheduleTime, context.now),
    ageOf(object, context),
    ...containerCells(job?.template?.spec),
    selectorText(job?.selector),
  ];
}

export const cronjobs: KindDefinition = {
  group: 'batch',
  version: 'v1',
  resource: 'cronjobs',
  generation: true,
  strategy: {
    applyDefaults: workloadDefaults(
      [
        ['spec.concurrencyPolicy', 'Allow'],
        ['spec.suspend', false],
        ['spec.successfulJobsHistoryLimit', 3],
        ['spec.failedJobsHistoryLimit', 1],
        ['spec.jobTemplate.spec.podFailurePolicy.rules[].onPodConditions[].status', 'True'],
      ],
      'spec.jobTemplate.spec.template',
    ),
    ...preparingTemplate(
      ['spec', 'jobTemplate', 'spec', 'template'],
      statusHooks(() => ({})),
    ),
    validate,
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...(changesContent(object, old)
        ? templateWarnings((object as CronJob).spec?.jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template')
        : []),
    ],
  },
  cells,
};
