// The AdmissionReview that a webhook is asked with.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
import { isRecord, type KubeObject, type Mutable } from '../../../apimachinery/object.js';
import type { Kind } from '../../../registry/kind.js';
import { draftInVersion } from '../../core/versions.js';
import type { AdmissionRequest } from '../chain.js';

export const reviewVersion = 'admission.k8s.io/v1';

const optionsKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: undefined } as const;
const optionFields = [
  'fieldManager',
  'fieldValidation',
  'gracePeriodSeconds',
  'preconditions',
  'orphanDependents',
  'propagationPolicy',
] as const;

/** `request` of the AdmissionReview but for its uid; `kind` is the version that the webhook wants. Rejects when somebody else converts and does not. */
export async function reviewOf(request: AdmissionRequest, kind: Kind): Promise<Readonly<Record<string, unknown>>> {
  const { object, old } = request;
  return {
    ...requestOf(request, kind),
    object: object === undefined ? null : await shownIn(request, kind, object),
    oldObject: old === undefined ? null : await shownIn(request, kind, old),
  };
}

/** The same without the objects. */
export function requestOf(request: AdmissionRequest, kind: Kind): Readonly<Record<string, unknown>> {
  const { operation, subresource, name, object, user, dryRun } = request;
  const shownName = operation === 'CREATE' && object !== undefined ? (nameIn(object) ?? (isGenerated(object) ? '' : name)) : name;
  return {
    kind: kindOf(kind, subresource),
    resource: { group: kind.group, version: kind.version, resource: kind.resource },
    ...(subresource === '' ? {} : { subResource: subresource }),
    requestKind: kindOf(request.kind, subresource),
    requestResource: { group: request.kind.group, version: request.kind.version, resource: request.kind.resource },
    ...(subresource === '' ? {} : { requestSubResource: subresource }),
    ...(shownName === '' ? {} : { name: shownName }),
    // A namespace counts as being in itself.
    ...(namespaceOf(request) === '' ? {} : { namespace: namespaceOf(request) }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined || user.uid === '' ? {} : { uid: user.uid }),
      ...(user.groups.length === 0 ? {} : { groups: user.groups }),
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun,
    options: optionsOf(request),
  };
}

/** Before the name is made, there is none. */
function isGenerated({ metadata }: Mutable): boolean {
  return isRecord(metadata) && typeof metadata['generateName'] === 'string' && metadata['generateName'] !== '';
}

function nameIn(object: Mutable): string | undefined {
  const { metadata } = object;
  return isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : undefined;
}

/** The namespace that a request is in: of a namespace itself, its own name. */
export function namespaceOf({ kind, namespace, name, object }: AdmissionRequest): string {
  if (kind.group !== '' || kind.resource !== 'namespaces') return namespace;
  return name !== '' || object === undefined ? name : (nameIn(object) ?? '');
}

function kindOf(kind: Kind, subresource: string): Readonly<Record<string, string>> {
  const facts = kind.subresources.get(subresource);
  const own = subresource === '' || facts === undefined || facts.kind === '' ? kind : facts;
  // Discovery leaves group and version out where they are the resource's own.
  return {
    group: own.group === '' && own !== kind && own.version === '' ? kind.group : own.group,
    version: own.version || kind.version,
    kind: own.kind,
  };
}

function optionsOf({ operation, options, dryRun }: AdmissionRequest): Readonly<Record<string, unknown>> | null {
  const kind = optionsKinds[operation];
  if (kind === undefined) return null;
  const given: Record<string, unknown> = { kind, apiVersion: 'meta.k8s.io/v1' };
  for (const field of optionFields) if (options?.[field] !== undefined) given[field] = options[field];
  if (dryRun) given['dryRun'] = ['All'];
  return given;
}

/** An object of the request in `kind`'s version; what is of another form has but one. */
export function shownIn(
  { kind: own, form }: AdmissionRequest,
  kind: Kind,
  object: Mutable | KubeObject,
): Promise<Readonly<Record<string, unknown>>> {
  return form === undefined ? shown(own, kind, object) : Promise.resolve(object as unknown as Mutable);
}

/** An object of `from`'s version in `to`'s, with kind and apiVersion first. */
export function shown(from: Kind, to: Kind, object: Mutable | KubeObject): Promise<Readonly<Record<string, unknown>>> {
  return draftInVersion(from, to, object as unknown as Mutable);
}
