// CronJobs. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
import type { CronJob, CronJobSpec } from '../../../openapi/types/batch.v1.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { hostNameWarnings, podSpecWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { age } from '../printing/duration.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { notNegative } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { jobSpecErrors } from './job-spec.js';
import { scheduleProblem } from './schedule.js';

/** Names of jobs add eleven characters and must fit into a label. */
const longestName = 52;
const policies = ['Allow', 'Forbid', 'Replace'];

function scheduleErrors({ schedule = '', timeZone }: CronJobSpec): FieldError[] {
  if (schedule === '') return [required('spec.schedule')];
  if (schedule.includes('TZ'))
    return [invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  const problem = scheduleProblem(schedule);
  return [...(problem === undefined ? [] : [invalid('spec.schedule', schedule, problem)]), ...timeZoneErrors(timeZone)];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // The constructor throws for names that it does not know: that is the answer.
    return false;
  }
}

function timeZoneErrors(name: string | undefined): FieldError[] {
  const field = 'spec.timeZone';
  if (name === undefined) return [];
  if (name === '') return [invalid(field, name, 'timeZone must be nil or non-empty string')];
  if (name.toLowerCase() === 'local') {
    return [invalid(field, name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  }
  return isTimeZone(name) ? [] : [invalid(field, name, `unknown time zone ${name}`)];
}

function validate(object: KubeObject): FieldError[] {
  const { metadata, spec } = object as CronJob;
  const { startingDeadlineSeconds, concurrencyPolicy, jobTemplate } = spec ?? ({} as CronJobSpec);
  const job = jobTemplate?.spec;
  const errors: FieldError[] = [
    ...scheduleErrors(spec ?? ({} as CronJobSpec)),
    ...notNegative('spec.startingDeadlineSeconds', startingDeadlineSeconds),
  ];
  if (concurrencyPolicy === undefined) errors.push(required('spec.concurrencyPolicy'));
  else if (!policies.includes(concurrencyPolicy)) errors.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, policies));
  if (job?.selector !== undefined)
    errors.push(invalid('spec.jobTemplate.spec.selector', job.selector, '`selector` will be auto-generated'));
  if (job !== undefined) errors.push(...jobSpecErrors('spec.jobTemplate.spec', job));
  if (job?.manualSelector === true) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  errors.push(
    ...notNegative('spec.successfulJobsHistoryLimit', spec?.successfulJobsHistoryLimit),
    ...notNegative('spec.failedJobsHistoryLimit', spec?.failedJobsHistoryLimit),
  );
  if (metadata.name.length > longestName)
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
    ...statusHooks(() => ({})),
    validate,
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...podSpecWarnings('spec.jobTemplate.spec.template.spec', (object as CronJob).spec?.jobTemplate?.spec?.template?.spec),
    ],
  },
  cells,
};
