// What admission sees of a request to a subresource that is something of its own, or of a question of which nothing is stored.
import { apiVersionOf, type GroupVersionKind, type Mutable } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { AdmissionRequest, ObjectForm } from '../admission/chain.js';
import type { ApiRequest } from '../core/api-request.js';

/** @param form what the object is; undefined when it is of the request's own kind */
export function admissionOf(request: ApiRequest, object: Mutable, dryRun: boolean, form?: ObjectForm): AdmissionRequest {
  const { kind, subresource, namespace, name, user, options, warnings, audit } = request;
  return { operation: 'CREATE', kind, subresource, namespace, name, object, old: undefined, form, user, dryRun, options, warnings, audit };
}

export function formOfType({ group, version, kind }: GroupVersionKind, node: SchemaNode): ObjectForm {
  return { apiVersion: apiVersionOf(group, version), kind, schema: () => node };
}
