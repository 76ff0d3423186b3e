// The labels by which a namespaceSelector chooses.
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionRequest } from '../chain.js';
import { labelsOf } from './match.js';
import { namespaceOf } from './review.js';

export interface NamespaceContext {
  readonly registry: Registry;
  readonly storages: Storages;
}

/** Those of the namespace that the request is in; of a new namespace its own. A cluster-scoped object is in none, which has no labels. */
export async function namespaceLabels(
  request: AdmissionRequest,
  { registry, storages }: NamespaceContext,
): Promise<Readonly<Record<string, string>>> {
  const { kind, object, operation } = request;
  const name = namespaceOf(request);
  if (name === '') return {};
  if (kind.group === '' && kind.resource === 'namespaces' && operation !== 'DELETE' && object !== undefined) return labelsOf(object);
  const stored = await storages.of(registry.byResource('', 'v1', 'namespaces')!).get('', name);
  return labelsOf(stored?.value ?? {});
}
