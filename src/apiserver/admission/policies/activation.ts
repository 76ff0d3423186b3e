// What the expressions of policies and webhooks' conditions can see of a request.
import type { Activation } from '../../../apimachinery/cel/evaluate/run.js';
import type { Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';
import type { Authorizer } from '../../authorization/authorizer.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionMetrics } from '../../metrics/admission-metrics.js';
import type { AdmissionRequest } from '../chain.js';
import { namespaceOf, requestOf, shownIn } from '../webhooks/review.js';
import { authorizerVariables } from './authorizer-variables.js';

export interface ActivationContext {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly authorizer: Authorizer;
  readonly metrics: AdmissionMetrics;
}

/** @param kind the version in which the object is looked at */
export async function activationOf(request: AdmissionRequest, kind: Kind, context: ActivationContext): Promise<Activation> {
  const { registry, storages, authorizer } = context;
  const name = namespaceOf(request);
  const isNamespace = request.kind.group === '' && request.kind.resource === 'namespaces';
  const namespace = name === '' || isNamespace ? undefined : await storages.of(registry.byResource('', 'v1', 'namespaces')!).get('', name);
  return {
    object: request.object === undefined ? null : await shownIn(request, kind, request.object),
    oldObject: request.old === undefined ? null : await shownIn(request, kind, request.old),
    request: () => requestOf(request, kind),
    namespaceObject: namespace?.value ?? null,
    ...authorizerVariables(request, authorizer),
  };
}
