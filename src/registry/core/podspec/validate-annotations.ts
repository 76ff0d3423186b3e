// The rules of annotations that once were fields of pods, or say what no field does.
// https://kubernetes.io/docs/reference/labels-annotations-taints/
import type { Container, Pod, PodSpec, SecurityContext, Toleration } from '../../../../openapi/types/core.v1.js';
import type { ObjectMeta } from '../../../../openapi/types/meta.v1.js';
import { fieldForbidden, invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { isRecord } from '../../../apimachinery/object.js';
import { readText } from '../json-text.js';
import { localPathErrors } from './validate-paths.js';
import { checkTolerations } from './validate-tolerations.js';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const tolerationsAnnotation = 'scheduler.alpha.kubernetes.io/tolerations';
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';
export const containerAppArmor = 'container.apparmor.security.beta.kubernetes.io/';

/** Whether annotations say something of single containers, which few do: to look for each container's own costs every pod more. */
export function nameContainers(annotations: Readonly<Record<string, unknown>>): boolean {
  for (const key in annotations) if (key.startsWith('container.')) return true;
  return false;
}
const plainProfiles = ['runtime/default', 'docker/default', 'unconfined'];
const localhost = 'localhost/';

type Annotations = Readonly<Record<string, string>>;

function checkTolerationsAnnotation(errors: FieldError[], field: string, text: string): void {
  if (text === '') return;
  const read = readText(text, 'array', '[]core.Toleration');
  if ('problem' in read) return void errors.push(invalid(field, tolerationsAnnotation, read.problem));
  const tolerations = (read.value as readonly unknown[] | null)?.filter(isRecord) as readonly Toleration[] | undefined;
  checkTolerations(errors, `${field}.${tolerationsAnnotation}`, tolerations);
}

/** A whole number of 32 bits, written the one way. */
function isCost(text: string): boolean {
  if (!/^-?(?:0|[1-9]\d{0,9})$/.test(text)) return false;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function checkSeccompText(errors: FieldError[], field: string, text: string): void {
  if (plainProfiles.includes(text)) return;
  if (text.startsWith(localhost)) errors.push(...localPathErrors(field, text.slice(localhost.length)));
  else errors.push(invalid(field, text, 'must be a valid seccomp profile'));
}

/** Type and file of a profile as an annotation names it; undefined when it is none. */
export function profileOf(text: string): { readonly type: string; readonly localhostProfile?: string } | undefined {
  if (text === 'runtime/default' || text === 'docker/default') return { type: 'RuntimeDefault' };
  if (text === 'unconfined') return { type: 'Unconfined' };
  const file = text.startsWith(localhost) ? text.slice(localhost.length) : '';
  return file.trim() === '' ? undefined : { type: 'Localhost', localhostProfile: file };
}

/** The name of the container that an AppArmor annotation is about must be one of the pod's. */
function checkAppArmorText(errors: FieldError[], field: string, name: string, text: string, names: ReadonlySet<string>): void {
  if (!names.has(name)) errors.push(invalid(field, name, 'container not found'));
  const known = text === '' || text.startsWith(localhost) || (profileOf(text) !== undefined && text !== 'docker/default');
  if (!known) errors.push(invalid(field, text, `invalid AppArmor profile name: ${JSON.stringify(text)}`));
}

function containerNames(spec: PodSpec | undefined): ReadonlySet<string> {
  const lists = [spec?.containers, spec?.initContainers, spec?.ephemeralContainers] as readonly (readonly Container[] | undefined)[];
  return new Set(lists.flatMap((list) => (list ?? []).map(({ name }) => name)));
}

/** The rules of a pod's or template's annotations at `field`, beside those of all annotations. */
export function podAnnotationErrors(field: string, annotations: Annotations | undefined, spec: PodSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (annotations === undefined) return errors;
  if (annotations[mirrorAnnotation] !== undefined && !spec?.nodeName) {
    const why = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalid(`${field}[${mirrorAnnotation}]`, annotations[mirrorAnnotation], why));
  }
  if (annotations[tolerationsAnnotation] !== undefined) checkTolerationsAnnotation(errors, field, annotations[tolerationsAnnotation]);
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isCost(cost)) errors.push(invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'));
  if (annotations[podSeccomp] !== undefined) checkSeccompText(errors, `${field}.${podSeccomp}`, annotations[podSeccomp]);
  let names: ReadonlySet<string> | undefined;
  for (const key in annotations) {
    if (key.startsWith(containerSeccomp)) checkSeccompText(errors, `${field}.${key}`, annotations[key]!);
    else if (key.startsWith(containerAppArmor)) {
      names ??= containerNames(spec);
      checkAppArmorText(errors, `${field}[${key}]`, key.slice(containerAppArmor.length), annotations[key]!, names);
    }
  }
  return errors;
}

/** An annotation and the field that took its place must say the same. */
function checkMatch(
  errors: FieldError[],
  field: string,
  text: string | undefined,
  profile: { readonly type?: string; readonly localhostProfile?: string } | undefined,
  sort: 'seccomp' | 'apparmor',
): void {
  if (text === undefined || profile === undefined) return;
  const told = profileOf(text);
  if (told === undefined) return;
  const at = `${field}.${sort === 'seccomp' ? 'seccompProfile' : 'appArmorProfile'}`;
  if (told.type !== profile.type) errors.push(fieldForbidden(`${at}.type`, `${sort} type in annotation and field must match`));
  else if (told.localhostProfile !== profile.localhostProfile) {
    errors.push(fieldForbidden(`${at}.localhostProfile`, `${sort} profile in annotation and field must match`));
  }
}

/** The rules of annotations against the fields that took their place; for pods, not for templates. */
export function profileMatchErrors({ metadata, spec }: Pick<Pod, 'spec'> & { readonly metadata: ObjectMeta }): FieldError[] {
  const errors: FieldError[] = [];
  const { annotations } = metadata;
  if (annotations === undefined) return errors;
  checkMatch(errors, 'spec.securityContext', annotations[podSeccomp], spec.securityContext?.seccompProfile, 'seccomp');
  if (!nameContainers(annotations)) return errors;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    (spec[list] as readonly { readonly name: string; readonly securityContext?: SecurityContext }[] | undefined)?.forEach((one, index) => {
      const at = `spec.${list}[${index}].securityContext`;
      checkMatch(errors, at, annotations[containerSeccomp + one.name], one.securityContext?.seccompProfile, 'seccomp');
      checkMatch(errors, at, annotations[containerAppArmor + one.name], one.securityContext?.appArmorProfile, 'apparmor');
    });
  }
  return errors;
}
