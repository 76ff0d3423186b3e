// The types of `request` and `namespaceObject` in the expressions of policies and webhooks.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
import {
  boolType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
  type CelType,
} from '../../apimachinery/cel/types.js';

/** An object type whose fields may all be absent. */
export function typeOf(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  return objectType({
    name,
    fields: new Map(Object.entries(fields).map(([field, type]) => [field, { jsonName: field, type, required: false }])),
  });
}

const texts = mapType(stringType, stringType);
const groupVersionKind = typeOf('kubernetes.GroupVersionKind', { group: stringType, version: stringType, kind: stringType });
const groupVersionResource = typeOf('kubernetes.GroupVersionResource', { group: stringType, version: stringType, resource: stringType });

export const requestType: CelType = typeOf('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: stringType,
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: stringType,
  name: stringType,
  namespace: stringType,
  operation: stringType,
  userInfo: typeOf('kubernetes.UserInfo', {
    username: stringType,
    uid: stringType,
    groups: listType(stringType),
    extra: mapType(stringType, listType(stringType)),
  }),
  dryRun: boolType,
  options: dynType,
});

export const namespaceType: CelType = typeOf('kubernetes.Namespace', {
  metadata: typeOf('kubernetes.NamespaceMetadata', {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels: texts,
    annotations: texts,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: listType(stringType),
  }),
  spec: typeOf('kubernetes.NamespaceSpec', { finalizers: listType(stringType) }),
  status: typeOf('kubernetes.NamespaceStatus', { phase: stringType }),
});
