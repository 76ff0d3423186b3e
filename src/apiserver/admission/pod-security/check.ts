// What the rules of the pod security standards have in common.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
import type { Container, PodSpec } from '../../../../openapi/types/core.v1.js';
import type { ObjectMeta } from '../../../apimachinery/object.js';

/** What is judged: a pod, or the template of one. */
export interface JudgedPod {
  readonly metadata: Pick<ObjectMeta, 'annotations'>;
  readonly spec: PodSpec;
}

/** Why a pod is not as a standard wants it: `host namespaces`, `hostNetwork=true`. */
export interface Finding {
  readonly reason: string;
  readonly detail: string;
}

/** A rule as it has been since some version. */
export interface Rule {
  /** Rules of one level are told of in the order of their ids. */
  readonly id: string;
  /** Each with the minor version since which it holds, the oldest first. */
  readonly versions: readonly { readonly since: number; readonly check: (pod: JudgedPod) => Finding | undefined }[];
  /** The rules that this one takes the place of. */
  readonly replaces?: readonly string[];
}

/** Init containers first, then the others, then ephemeral ones. */
export function containersOf({ spec }: JudgedPod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as readonly Container[])];
}

/** The names of the containers for which `is` holds. */
export function namesOf(pod: JudgedPod, is: (container: Container) => boolean): string[] {
  return containersOf(pod)
    .filter(is)
    .map(({ name }) => name);
}

/** `container "a"`, `containers "a", "b"`; '' for none. */
export function namesText(word: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${word}${names.length > 1 ? 's' : ''} ${quotedText(names)}`;
}

/** `"a", "b"`. */
export function quotedText(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}

/** `pod and container "a"`. */
export function withPod(pod: boolean, containers: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length === 0 ? [] : [namesText('container', containers)])].join(' and ');
}

/** Each once, sorted. */
export function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

export function isWindows({ spec }: JudgedPod): boolean {
  return spec.os?.name === 'windows';
}
