// Empties namespaces that are being deleted, then lets them go.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#automatic-labelling
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import type { Namespace } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { apiVersionOf } from '../../apimachinery/object.js';
import { createController } from '../../client/controller/controller.js';
import { API_SERVICES, NAMESPACES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { deletionConditions } from './conditions.js';
import { deleteContent, type ContentLeft } from './content.js';

export const namespaceController: ControllerDefinition = {
  name: 'namespace-controller',
  account: 'namespace-controller',
  create: createNamespaceController,
};

const finalizer = 'kubernetes';
/** Milliseconds between looks at what is left: doubling, since some pods take their whole grace period. */
const firstLook = 50;
const longestLook = 5000;
/** Characters of what is told of failures in the log. */
const longestTold = 1000;

export function createNamespaceController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const namespaces = informers.informer(NAMESPACES);
  const services = informers.informer(API_SERVICES, { indexers: { unavailable: (service) => (isUnavailable(service) ? [''] : []) } });
  const looks = new Map<string, number>();

  const writeConditions = async (namespace: Namespace, left: ContentLeft): Promise<Namespace> => {
    const before = namespace.status.conditions ?? [];
    const conditions = deletionConditions(before, left, clock.now());
    if (deepEqual(before, conditions)) return namespace;
    return client.update(NAMESPACES, { ...namespace, status: { ...namespace.status, conditions } }, { subresource: 'status' });
  };

  const reconcile = async (key: string): Promise<{ requeueAfter: number } | undefined> => {
    const namespace = namespaces.store.get(key);
    const finalizers = namespace?.spec.finalizers ?? [];
    if (namespace === undefined) return void looks.delete(key);
    if (namespace.metadata.deletionTimestamp === undefined || !finalizers.includes(finalizer)) return undefined;
    try {
      const left = await deleteContent(client, key, services.store.byIndex('unavailable', '').map(versionOf));
      const told = await writeConditions(namespace, left);
      if (left.discoveryFailure !== undefined) throw refused(`discovery failed: ${left.discoveryFailure}`);
      if (left.failures.length > 0) throw refused(left.failures.join(', '));
      if (left.podsLeft || left.remaining.size > 0) {
        const wait = looks.get(key) ?? firstLook;
        looks.set(key, Math.min(wait * 2, longestLook));
        return { requeueAfter: wait };
      }
      await client.update(
        NAMESPACES,
        { ...told, spec: { ...told.spec, finalizers: finalizers.filter((one) => one !== finalizer) } },
        { subresource: 'finalize' },
      );
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
    looks.delete(key);
    return undefined;
  };

  const controller = createController({
    name: 'namespace-controller',
    clock,
    logger,
    workers: 10,
    informers: [namespaces, services],
    reconcile,
  });
  const enqueue = (namespace: Namespace): void => {
    if (namespace.metadata.deletionTimestamp !== undefined) controller.enqueueObject(namespace);
  };
  namespaces.addHandler({ add: enqueue, update: (_previous, current) => enqueue(current), delete: enqueue });
  return controller;
}

/** A webhook or another server that does not do its part is no fault of this controller: the conditions tell of it, and the log when it goes on. */
function refused(why: string): ApiError {
  return new ApiError(500, 'InternalError', why.length > longestTold ? `${why.slice(0, longestTold)}…` : why);
}

/** An API of another server that cannot be asked now. */
function isUnavailable({ spec, status }: APIService): boolean {
  const available = status?.conditions?.find(({ type }) => type === 'Available');
  return spec?.service != null && available?.status === 'False';
}

function versionOf({ spec }: APIService): string {
  return apiVersionOf(spec?.group ?? '', spec?.version ?? '');
}
