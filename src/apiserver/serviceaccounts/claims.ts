// What a service account token says, and whether that still holds.
import { isRecord } from '../../apimachinery/object.js';
import type { UserInfo } from '../../registry/kind.js';
import { authenticatedGroup, serviceAccountGroups, serviceAccountName } from '../authentication/groups.js';
import type { BoundName, BoundObject, BoundObjectLookup } from './bound-objects.js';

/** The claims that are read. */
export interface ReadClaims {
  readonly namespace: string;
  readonly serviceAccount: BoundName;
  readonly pod: BoundName | undefined;
  readonly secret: BoundName | undefined;
  readonly node: BoundName | undefined;
  readonly audiences: readonly string[];
  /** Seconds since the epoch; undefined when the token does not say. */
  readonly expires: number | undefined;
  readonly notBefore: number | undefined;
  readonly issuedAt: number | undefined;
  readonly id: string;
}

/** How far clocks may be apart, in seconds; also how long a token outlives the deletion of what it is bound to. */
const leeway = 60;

/** The claims of a token with a good signature, or why they are of no use. `implied` are the audiences of a token that names none. */
export function readClaims(claims: Readonly<Record<string, unknown>>, implied: readonly string[]): ReadClaims | string {
  const own = isRecord(claims['kubernetes.io']) ? claims['kubernetes.io'] : {};
  const serviceAccount = bound(own.serviceaccount);
  if (serviceAccount === undefined || typeof own.namespace !== 'string' || own.namespace === '') return 'resource name may not be empty';
  const times = { expires: claims.exp, notBefore: claims.nbf, issuedAt: claims.iat };
  for (const [name, value] of Object.entries(times))
    if (value !== undefined && typeof value !== 'number') return `the claim ${name} is no number`;
  return {
    namespace: own.namespace,
    serviceAccount,
    pod: bound(own.pod),
    secret: bound(own.secret),
    node: bound(own.node),
    audiences: audiencesOf(claims.aud, implied),
    expires: numberIn(claims.exp),
    notBefore: numberIn(claims.nbf),
    issuedAt: numberIn(claims.iat),
    id: typeof claims.jti === 'string' ? claims.jti : '',
  };
}

function bound(value: unknown): BoundName | undefined {
  if (!isRecord(value) || typeof value.name !== 'string' || value.name === '') return undefined;
  return { name: value.name, uid: typeof value.uid === 'string' ? value.uid : '' };
}

function audiencesOf(value: unknown, implied: readonly string[]): readonly string[] {
  if (value === undefined) return implied;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Why a token is not valid at this time (milliseconds); undefined when it is. */
export function timeError({ expires, notBefore, issuedAt }: ReadClaims, now: number): string | undefined {
  const seconds = now / 1000;
  if (notBefore !== undefined && seconds + leeway < notBefore) return 'service account token is not valid yet';
  if (expires !== undefined && seconds - leeway > expires) return 'service account token has expired';
  if (issuedAt !== undefined && seconds + leeway < issuedAt) return 'service account token is issued in the future';
  return undefined;
}

const invalidated = 'service account token has been invalidated';

/** Why a token does not hold any more, its account or what it is bound to being gone; undefined when it does. */
export async function boundError(claims: ReadClaims, lookup: BoundObjectLookup, now: number): Promise<string | undefined> {
  const { namespace, serviceAccount, secret, pod, node } = claims;
  // Awaited only where there is something to wait for: lookups from watch caches answer at once, and every request asks.
  const account = lookup('ServiceAccount', namespace, serviceAccount.name);
  const found = account instanceof Promise ? await account : account;
  if (found === undefined) return `serviceaccounts ${JSON.stringify(serviceAccount.name)} not found`;
  if (isGone(found, now)) return `service account ${namespace}/${serviceAccount.name} has been deleted`;
  if (found.uid !== serviceAccount.uid) return `service account UID (${found.uid}) does not match claim (${serviceAccount.uid})`;
  const ref = async (kind: 'Secret' | 'Pod' | 'Node', claim: BoundName | undefined): Promise<string | undefined> =>
    claim && refError(await lookup(kind, kind === 'Node' ? '' : namespace, claim.name), claim, kind.toLowerCase(), now);
  if (secret === undefined && pod === undefined && node === undefined) return undefined;
  // A pod's token says where the pod is; only a token bound to the node itself ends with the node.
  return (await ref('Secret', secret)) ?? (await ref('Pod', pod)) ?? ref('Node', pod === undefined ? node : undefined);
}

function refError(found: BoundObject | undefined, claim: BoundName, what: string, now: number): string | undefined {
  if (found === undefined || isGone(found, now)) return invalidated;
  return found.uid === claim.uid ? undefined : `${what} UID (${found.uid}) does not match service account ${what} ref claim (${claim.uid})`;
}

function isGone({ deletionTimestamp }: BoundObject, now: number): boolean {
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + leeway * 1000 < now;
}

/** The user that a token stands for. */
export function userOf({ namespace, serviceAccount, pod, node, id }: ReadClaims): UserInfo {
  const prefix = 'authentication.kubernetes.io/';
  return {
    name: serviceAccountName(namespace, serviceAccount.name),
    uid: serviceAccount.uid,
    groups: [...serviceAccountGroups(namespace), authenticatedGroup],
    extra: {
      ...(id === '' ? {} : { [`${prefix}credential-id`]: [`JTI=${id}`] }),
      ...(node === undefined ? {} : { [`${prefix}node-name`]: [node.name] }),
      ...(node === undefined || node.uid === '' ? {} : { [`${prefix}node-uid`]: [node.uid] }),
      ...(pod === undefined ? {} : { [`${prefix}pod-name`]: [pod.name], [`${prefix}pod-uid`]: [pod.uid] }),
    },
  };
}
