// The labels by which a namespace says what its pods may do, and what becomes of its pods when they change.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
import type { Pod } from '../../../../openapi/types/core.v1.js';
import { invalid, invalidObject, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import type { AdmissionRequest } from '../chain.js';
import { findingsOf, isNoStricter, labelPrefix, levels, modes, standardOf, type Level, type Mode, type Standard } from './standards.js';

const version = /^v1\.(0|[1-9]\d{0,8})$/;
export const levelProblem = `must be one of ${levels.join(', ')}`;
export const versionProblem = 'must be "latest" or "v1.x"';

export function isLevel(text: string): text is Level {
  return levels.some((one) => one === text);
}

export function isVersion(text: string): boolean {
  return text === 'latest' || version.test(text);
}

/** More pods than these are not looked at when labels change. */
export const mostPods = 3000;

function labelErrors(labels: unknown): FieldError[] {
  if (!isRecord(labels)) return [];
  return modes.flatMap((mode) => {
    const errors: FieldError[] = [];
    const name = labelPrefix + mode;
    const level = labels[name];
    if (typeof level === 'string' && !isLevel(level)) errors.push(invalid(`metadata.labels[${name}]`, level, levelProblem));
    const of = labels[`${name}-version`];
    if (typeof of === 'string' && !isVersion(of)) errors.push(invalid(`metadata.labels[${name}-version]`, of, versionProblem));
    return errors;
  });
}

/** Throws 422 when the labels of a namespace name no level or no version of the standards. */
export function checkLabels({ object, old, kind, name }: AdmissionRequest): void {
  const metadata = object?.['metadata'];
  const errors = labelErrors(isRecord(metadata) ? metadata['labels'] : undefined);
  if (errors.length === 0) return;
  // What was wrong before does not keep others from writing.
  const before = labelErrors(old?.metadata.labels);
  if (errors.every((error) => before.some(({ field, message }) => field === error.field && message === error.message))) return;
  throw invalidObject(kind, name, errors);
}

/** Whether a change asks more of the namespace's pods than before. */
export function asksForMore(now: Standard, before: Standard): boolean {
  return now.level !== 'privileged' && !isNoStricter(now, before);
}

/** What the labels of a namespace that is exempt ask for in vain: `enforce=restricted:latest`; undefined when it has no such label. */
export function exemptPolicy(
  labels: Readonly<Record<string, string>> = {},
  defaults: Readonly<Record<Mode, Standard>>,
): string | undefined {
  const said = modes.filter((mode) => labels[labelPrefix + mode] !== undefined || labels[`${labelPrefix}${mode}-version`] !== undefined);
  if (said.length === 0) return undefined;
  return said
    .map((mode) => [mode, standardOf(labels, mode, defaults[mode])] as const)
    .flatMap(([mode, { level, version: of }]) => (level === 'privileged' ? [] : [`${mode}=${level}:${of}`]))
    .join(', ');
}

/** Warnings about pods that are not as the namespace now wants them; they stay. */
export function existingPodWarnings(namespace: string, standard: Standard, pods: readonly Pod[]): string[] {
  const names = new Map<string, string[]>();
  for (const pod of pods) {
    const reasons = findingsOf(pod, standard)
      .map(({ reason }) => reason)
      .join(', ');
    if (reasons !== '') names.set(reasons, [...(names.get(reasons) ?? []), pod.metadata.name]);
  }
  if (names.size === 0) return [];
  const { level, version: of } = standard;
  const lines = [...names].map(([reasons, [first, ...others]]) => `${first}${othersText(others.length)}: ${reasons}`);
  return [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${level}:${of}"`, ...lines.sort()];
}

function othersText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' (and 1 other pod)' : ` (and ${count} other pods)`;
}
