// The levels and versions of the pod security standards, as namespaces name them, and judging pods by them.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
import { baseline } from './baseline.js';
import type { Finding, JudgedPod, Rule } from './check.js';
import { restricted } from './restricted.js';

export const modes = ['enforce', 'audit', 'warn'] as const;
export type Mode = (typeof modes)[number];
export const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

export const labelPrefix = 'pod-security.kubernetes.io/';

/** A level at a version. */
export interface Standard {
  readonly level: Level;
  /** As it is written: `latest`, `v1.25`. */
  readonly version: string;
}

const latest = Number.MAX_SAFE_INTEGER;
const none: Standard = { level: 'privileged', version: 'latest' };

/** What the labels of a namespace say of a mode: level and version each, or else as in `absent`. A level that is none is taken to be the strictest. */
export function standardOf(labels: Readonly<Record<string, string>> | undefined, mode: Mode, absent: Standard = none): Standard {
  if (labels === undefined) return absent;
  const level = labels[labelPrefix + mode];
  const version = labels[`${labelPrefix}${mode}-version`];
  if (level === undefined && version === undefined) return absent;
  return {
    level: level === undefined ? absent.level : (levels.find((one) => one === level) ?? 'restricted'),
    version: version ?? absent.version,
  };
}

/** Warnings are as strict as what is enforced, unless a label says otherwise. */
export function warningStandard(
  labels: Readonly<Record<string, string>> | undefined,
  enforce: Standard,
  absent: Standard = none,
): Standard {
  const warn = standardOf(labels, 'warn', absent);
  const says = labels?.[`${labelPrefix}warn`] !== undefined;
  return !says && levels.indexOf(enforce.level) > levels.indexOf(warn.level) ? enforce : warn;
}

/** Whether every pod is as the one standard wants it that is as the other wants it, as far as level and version tell. */
export function isNoStricter(standard: Standard, than: Standard): boolean {
  return standard.version === than.version && levels.indexOf(standard.level) <= levels.indexOf(than.level);
}

function minorOf(version: string): number {
  const minor = /^v1\.(\d{1,9})$/.exec(version)?.[1];
  return minor === undefined ? latest : Number(minor);
}

/** The check of a rule at a version; undefined when there was no such rule yet. */
function checkAt({ versions }: Rule, minor: number): ((pod: JudgedPod) => Finding | undefined) | undefined {
  return versions.filter(({ since }) => since <= minor).at(-1)?.check;
}

/** The checks of a standard, in the order in which they are told of. */
const checks = new Map<string, readonly ((pod: JudgedPod) => Finding | undefined)[]>();
/** More versions than Kubernetes will have soon: whoever makes up more pays for it alone. */
const mostKept = 200;

function checksOf({ level, version }: Standard): readonly ((pod: JudgedPod) => Finding | undefined)[] {
  const id = `${level}:${version}`;
  const known = checks.get(id);
  if (known !== undefined) return known;
  const minor = minorOf(version);
  const strict = level === 'restricted' ? restricted.filter((rule) => checkAt(rule, minor) !== undefined) : [];
  const replaced = new Set(strict.flatMap(({ replaces = [] }) => replaces));
  const loose = level === 'privileged' ? [] : baseline.filter(({ id: rule }) => !replaced.has(rule));
  const made = [...loose, ...strict].flatMap((rule) => checkAt(rule, minor) ?? []);
  if (checks.size < mostKept) checks.set(id, made);
  return made;
}

/** How the pod is not as the standard wants it; empty when it is. */
export function findingsOf(pod: JudgedPod, standard: Standard): readonly Finding[] {
  return checksOf(standard).flatMap((check) => check(pod) ?? []);
}

/** `host namespaces (hostNetwork=true), privileged (…)`. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}
