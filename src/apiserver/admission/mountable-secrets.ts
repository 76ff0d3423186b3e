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
  // Most pods use none: nothing is made for them.
  const uses: SecretUse[] = [];
  if (part === 'ephemeralContainers') {
    addContainers(uses, spec.ephemeralContainers, 'ephemeral container');
    return uses;
  }
  for (const { secret } of spec.volumes ?? []) {
    if (secret === undefined) continue;
    uses.push({ where: `volume with secret.secretName=${shown(secret.secretName)}`, name: secret.secretName ?? '', by: 'secret' });
  }
  addContainers(uses, spec.initContainers, 'init container');
  addContainers(uses, spec.containers, 'container');
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    uses.push({ where: `imagePullSecrets[${index}].name=${shown(name)}`, name, by: 'imagePullSecret' });
  });
  return uses;
}

function addContainers(uses: SecretUse[], containers: readonly Container[] | undefined, word: string): void {
  for (const { name: container, env, envFrom } of containers ?? []) {
    for (const { name, valueFrom } of env ?? []) {
      const secret = valueFrom?.secretKeyRef?.name;
      if (secret === undefined) continue;
      const where = `${word} ${container} with envVar ${name} referencing secret.secretName=${shown(secret)}`;
      uses.push({ where, name: secret, by: 'secret' });
    }
    for (const { secretRef } of envFrom ?? []) {
      const secret = secretRef?.name;
      if (secret === undefined) continue;
      uses.push({ where: `${word} ${container} with envFrom referencing secret.secretName=${shown(secret)}`, name: secret, by: 'secret' });
    }
  }
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
