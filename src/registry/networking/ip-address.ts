// IP addresses that services hold. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/ip-address-v1/
import type { IPAddress, ParentReference } from '../../../openapi/types/networking.v1.js';
import { required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { addressErrors } from '../rules/addresses.js';
import { metadataAgain } from '../rules/metadata.js';
import { checkPathSegment, checkSubdomain, immutable, needed, type Errors } from '../rules/fields.js';

function parentErrors(parent: Draft<ParentReference> | undefined): Errors {
  if (parent === undefined) return [required('spec.parentRef')];
  const { group = '', namespace = '' } = parent;
  return [
    ...(group === '' ? [] : checkSubdomain('spec.parentRef.group', group)),
    ...needed('spec.parentRef.resource', parent.resource, checkPathSegment),
    ...needed('spec.parentRef.name', parent.name, checkPathSegment),
    ...(namespace === '' ? [] : checkPathSegment('spec.parentRef.namespace', namespace)),
  ];
}

function shown(parent: Draft<ParentReference> | undefined): unknown {
  if (parent === undefined) return null;
  const { group = '', resource = '', namespace = '', name = '' } = parent;
  return { Group: group, Resource: resource, Namespace: namespace, Name: name };
}

function parentText(parent: Draft<ParentReference> | undefined): string {
  if (parent === undefined) return '';
  const { group = '', resource = '', namespace = '', name = '' } = parent;
  return [group === '' ? resource : `${resource}.${group}`, namespace, name].filter((part) => part !== '').join('/');
}

export const ipAddress: KindDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ipaddresses',
  // The name is the address; `validate` checks it.
  nameRule: 'any',
  strategy: {
    validate: (object) => [
      ...addressErrors('metadata.name', nameOf(object)),
      ...parentErrors((object as Draft<IPAddress>).spec?.parentRef),
    ],
    validateUpdate: (object, old) => {
      const parent = (object as Draft<IPAddress>).spec?.parentRef;
      return [
        ...metadataAgain(object, old),
        ...immutable('spec.parentRef', parent, (old as Draft<IPAddress>).spec?.parentRef, shown(parent)),
      ];
    },
  },
  // The real server's rows have an age that its columns do not name.
  cells: (object, context) => [nameOf(object), parentText((object as Draft<IPAddress>).spec?.parentRef), ageOf(object, context)],
};
