// AppArmor profiles of pods, in their fields and in the annotations that came before them.
// https://kubernetes.io/docs/tutorials/security/apparmor/
import { namesOf, namesText, quotedText, sorted, type Finding, type JudgedPod } from './check.js';

const prefix = 'container.apparmor.security.beta.kubernetes.io/';

function isAllowed(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');
}

export function forbiddenAppArmor(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.appArmorProfile?.type === 'Unconfined';
  const names = namesOf(pod, ({ securityContext }) => securityContext?.appArmorProfile?.type === 'Unconfined');
  const annotations = sorted(
    Object.entries(pod.metadata.annotations ?? {}).flatMap(([key, value]) =>
      key.startsWith(prefix) && !isAllowed(value) ? [`${key}=${JSON.stringify(value)}`] : [],
    ),
  );
  const who = [
    ...(own ? ['pod'] : []),
    ...(names.length === 0 ? [] : [namesText('container', names)]),
    ...(annotations.length === 0 ? [] : [annotations.length > 1 ? 'annotations' : 'annotation']),
  ];
  if (who.length === 0) return undefined;
  const values = sorted([...(own || names.length > 0 ? ['Unconfined'] : []), ...annotations]);
  return {
    reason: `forbidden AppArmor profile${values.length > 1 ? 's' : ''}`,
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quotedText(values)}`,
  };
}
