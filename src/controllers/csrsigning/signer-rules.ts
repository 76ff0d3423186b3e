// What each of Kubernetes' own signers lets through.
// https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
import type { RequestedIdentity } from './request.js';

export const apiServerClient = 'kubernetes.io/kube-apiserver-client';
export const apiServerClientKubelet = 'kubernetes.io/kube-apiserver-client-kubelet';
export const kubeletServing = 'kubernetes.io/kubelet-serving';
export const legacyUnknown = 'kubernetes.io/legacy-unknown';

/** What is wrong with a request, in the real signer's words; undefined when it may be signed. */
type Rule = (identity: RequestedIdentity, usages: readonly string[]) => string | undefined;

const nodesGroup = 'system:nodes';
const nodePrefix = 'system:node:';
const keyEncipherment = 'key encipherment';

/** Each signer's usages, sorted as the messages list them. Key encipherment is not needed: ECDSA keys have no use for it. */
const clientUsages = ['client auth', 'digital signature', keyEncipherment];
const servingUsages = ['digital signature', keyEncipherment, 'server auth'];

/** Exactly these usages, but for key encipherment. */
function usagesProblem(usages: readonly string[], allowed: readonly string[]): string | undefined {
  const asked = new Set(usages);
  const fits =
    [...asked].every((usage) => allowed.includes(usage)) && allowed.every((usage) => usage === keyEncipherment || asked.has(usage));
  return fits ? undefined : `usages did not match [${allowed.join(' ')}]`;
}

function nodeGroupProblem({ organizations }: RequestedIdentity): string | undefined {
  return organizations.length === 1 && organizations[0] === nodesGroup ? undefined : `subject organization is not ${nodesGroup}`;
}

function nodeNameProblem({ commonName }: RequestedIdentity): string | undefined {
  return commonName.startsWith(nodePrefix) ? undefined : `subject common name does not begin with ${nodePrefix}`;
}

function noNames(kind: string, count: number): string | undefined {
  return count > 0 ? `${kind} subjectAltNames are not allowed` : undefined;
}

/** A client certificate for any user. */
function clientProblem(_identity: RequestedIdentity, usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !clientUsages.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

/** A client certificate for a kubelet: of a node, without other names. */
export function kubeletClientProblem(identity: RequestedIdentity, usages: readonly string[]): string | undefined {
  return (
    nodeGroupProblem(identity) ??
    noNames('DNS', identity.dnsNames) ??
    noNames('Email', identity.emailAddresses) ??
    noNames('IP', identity.ipAddresses) ??
    noNames('URI', identity.uris) ??
    nodeNameProblem(identity) ??
    usagesProblem(usages, clientUsages)
  );
}

/** A serving certificate for a kubelet: of a node, for at least one name or address. */
function kubeletServingProblem(identity: RequestedIdentity, usages: readonly string[]): string | undefined {
  const named = identity.dnsNames + identity.ipAddresses > 0;
  return (
    nodeGroupProblem(identity) ??
    (named ? undefined : 'DNS or IP subjectAltName is required') ??
    noNames('Email', identity.emailAddresses) ??
    noNames('URI', identity.uris) ??
    usagesProblem(usages, servingUsages) ??
    nodeNameProblem(identity)
  );
}

/** Signer names, with the rule of each. The legacy signer has none; the API takes no new requests for it. */
export const signerRules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [apiServerClient, clientProblem],
  [apiServerClientKubelet, kubeletClientProblem],
  [kubeletServing, kubeletServingProblem],
  [legacyUnknown, () => undefined],
]);
