// The `token` subresource of a service account: `kubectl create token default`.
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
import type { BoundObjectReference, TokenRequest } from '../../../openapi/types/authentication.v1.js';
import type { ServiceAccount } from '../../../openapi/types/core.v1.js';
import type { ObjectMeta } from '../../../openapi/types/meta.v1.js';
import { badRequest, conflict, notFound } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject } from '../../apimachinery/errors/field-error.js';
import { parseApiVersion, type Draft } from '../../apimachinery/object.js';
import { formatTime, type Clock } from '../../clock/clock.js';
import type { BoundName, BoundObjectLookup, ServiceAccountTokens, TokenClaims } from './tokens.js';

/** How the handler reads what else a token is bound to. */
export interface TokenRequestContext {
  readonly tokens: ServiceAccountTokens;
  readonly clock: Clock;
  readonly lookup: BoundObjectLookup;
  /** The pod's uid, service account and node; undefined when there is no such pod. */
  pod(namespace: string, name: string): PodFacts | undefined | Promise<PodFacts | undefined>;
}

export interface PodFacts {
  readonly uid: string;
  readonly serviceAccountName: string;
  /** '' when not bound to a node yet. */
  readonly nodeName: string;
}

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
const shortest = 10 * 60;
const longest = 2 ** 32;
const usual = 60 * 60;
/** What a pod's projected volume asks for; such a token is good for a year, so that programs which read it once go on working. */
const extendable = 60 * 60 + 7;
const extended = 365 * 24 * 60 * 60;

/** Throws 422 for a request that names another account than its path. */
export function checkAccountName(name: string, asked: string): void {
  if (asked !== '' && asked !== name)
    throw invalidObject(kind, name, [invalid('metadata.name', asked, 'must match the service account name if specified')]);
}

/**
 * Issues a token for a stored account; the answer is what the client gets (201). Rejects with the API errors 400, 404 and 409 for what
 * the token is to be bound to, and 422 for a request that breaks a rule.
 */
export async function requestToken(
  account: ServiceAccount,
  request: Draft<TokenRequest>,
  context: TokenRequestContext,
): Promise<TokenRequest> {
  const { name = '', namespace = '', uid = '' } = account.metadata;
  const asked = request.metadata?.name ?? '';
  checkAccountName(name, asked);
  const spec = request.spec ?? {};
  const seconds = spec.expirationSeconds ?? usual;
  if (seconds < shortest)
    throw invalidObject(kind, asked, [invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')]);
  if (seconds > longest)
    throw invalidObject(kind, asked, [invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]);
  const named = (spec.audiences ?? []).filter((audience) => audience !== undefined);
  const audiences = named.length === 0 ? context.tokens.audiences : named;
  const bound = spec.boundObjectRef == null ? {} : await bind(spec.boundObjectRef, account, context);
  const own = audiences.length === context.tokens.audiences.length && audiences.every((one, i) => one === context.tokens.audiences[i]);
  const lives: Pick<TokenClaims, 'seconds' | 'warnAfterSeconds'> =
    seconds === extendable && bound.pod !== undefined && own ? { seconds: extended, warnAfterSeconds: seconds } : { seconds };
  const token = await context.tokens.issue({ namespace, serviceAccount: { name, uid }, ...bound, audiences, ...lives });
  const now = context.clock.now();
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: formatTime(now) } as ObjectMeta,
    // The real server always writes the reference, null or not.
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null } as TokenRequest['spec'],
    status: { token, expirationTimestamp: formatTime((Math.floor(now / 1000) + seconds) * 1000) },
  };
}

type Bound = Pick<TokenClaims, 'pod' | 'secret' | 'node'>;

async function bind(ref: Draft<BoundObjectReference>, account: ServiceAccount, context: TokenRequestContext): Promise<Bound> {
  const { name = '', uid = '' } = ref;
  const { group, version } = parseApiVersion(ref.apiVersion ?? '');
  const what = group === '' ? (ref.kind ?? '') : '';
  if (what !== 'Pod' && what !== 'Secret' && what !== 'Node')
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${ref.kind ?? ''}`);
  if (name === '') throw badRequest('Name parameter required.');
  const namespace = account.metadata.namespace ?? '';
  if (what === 'Pod') {
    const pod = checked(await context.pod(namespace, name), what, name, uid);
    if (pod.serviceAccountName !== account.metadata.name)
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
      );
    const node = pod.nodeName === '' ? undefined : await context.lookup('Node', '', pod.nodeName);
    const place = { name: pod.nodeName, ...(node === undefined ? {} : { uid: node.uid }) };
    return { pod: { name, uid: pod.uid }, ...(pod.nodeName === '' ? {} : { node: place }) };
  }
  const found = checked(await context.lookup(what, what === 'Node' ? '' : namespace, name), what, name, uid);
  const boundTo: BoundName = { name, uid: found.uid };
  return what === 'Secret' ? { secret: boundTo } : { node: boundTo };
}

function checked<T extends { readonly uid: string }>(found: T | undefined, what: string, name: string, uid: string): T {
  if (found === undefined) throw notFound({ group: '', resource: `${what.toLowerCase()}s` }, name);
  if (uid === '' || uid === found.uid) return found;
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflict({ group: '', resource: what }, name, why);
}
