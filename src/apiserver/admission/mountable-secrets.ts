// Which secrets a pod may use, when its service account wants only those that it names itself.
// https://kubernetes.io/docs/concepts/security/service-accounts/#enforce-mountable-secrets
import type { Container, PodSpec, ServiceAccount } from '../../../openapi/types/core.v1.js';

const annotation = 'kubernetes.io/enforce-mountable-secrets';
const yes = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

type Refers = 'secret' | 'imagePullSecret';

/** A secret that a pod uses, and where. */
export interface SecretUse {
  readonly where: string;
  readonly name: string;
  readonly by: Refers;
}

/** The secrets that a pod, or only its ephemeral containers, use. */
export function secretsOf(spec: Partial<PodSpec>, part: 'pod' | 'ephemeralContainers'): readonly SecretUse[] {
  if (part === 'ephemeralContainers') return ofContainers(spec.ephemeralContainers ?? [], 'ephemeral container');
  const volumes = (spec.volumes ?? []).flatMap(({ secret }): readonly SecretUse[] =>
    secret === undefined
      ? []
      : [{ where: `volume with secret.secretName=${shown(secret.secretName)}`, name: secret.secretName ?? '', by: 'secret' }],
  );
  const pulls = (spec.imagePullSecrets ?? []).map(({ name = '' }, index): SecretUse => ({
    where: `imagePullSecrets[${index}].name=${shown(name)}`,
    name,
    by: 'imagePullSecret',
  }));
  return [...volumes, ...ofContainers(spec.initContainers, 'init container'), ...ofContainers(spec.containers, 'container'), ...pulls];
}

function ofContainers(containers: readonly Container[] = [], word: string): SecretUse[] {
  return containers.flatMap(({ name: container, env = [], envFrom = [] }) => [
    ...env.flatMap(({ name, valueFrom }): readonly SecretUse[] => {
      const secret = valueFrom?.secretKeyRef?.name;
      if (secret === undefined) return [];
      return [
        { where: `${word} ${container} with envVar ${name} referencing secret.secretName=${shown(secret)}`, name: secret, by: 'secret' },
      ];
    }),
    ...envFrom.flatMap(({ secretRef }): readonly SecretUse[] => {
      const secret = secretRef?.name;
      if (secret === undefined) return [];
      return [{ where: `${word} ${container} with envFrom referencing secret.secretName=${shown(secret)}`, name: secret, by: 'secret' }];
    }),
  ]);
}

function shown(name = ''): string {
  return JSON.stringify(name);
}

/** Why the account does not let a pod use one of these secrets; undefined when it does. */
export function secretProblem(
  { metadata, secrets = [], imagePullSecrets = [] }: ServiceAccount,
  uses: readonly SecretUse[],
): string | undefined {
  if (!yes.has(metadata.annotations?.[annotation] ?? '')) return undefined;
  const named: Readonly<Record<Refers, readonly { readonly name?: string }[]>> = { secret: secrets, imagePullSecret: imagePullSecrets };
  const wrong = uses.find(({ name, by }) => !named[by].some((one) => one.name === name));
  if (wrong === undefined) return undefined;
  return `${wrong.where} is not allowed because service account ${metadata.name} does not reference that ${wrong.by}`;
}
