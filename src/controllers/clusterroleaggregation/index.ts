// Gathers the rules of cluster roles into those that aggregate them: `view`, `edit`, `admin`, and users' own.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
import type { ClusterRole, PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { jsonText } from '../../apimachinery/codec/json.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import { createController } from '../../client/controller/controller.js';
import { CLUSTER_ROLES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';
import { compareText } from '../shared/sort.js';

const name = 'clusterrole-aggregation-controller';

export const clusterRoleAggregationController: ControllerDefinition = {
  name,
  account: 'clusterrole-aggregation-controller',
  create: createClusterRoleAggregationController,
};

/** Keys of the index by which the roles that aggregate others are found. */
const aggregating = 'aggregating';

export function createClusterRoleAggregationController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const roles = informers.informer(CLUSTER_ROLES, {
    indexers: { [aggregating]: ({ aggregationRule }) => (aggregationRule == null ? [] : ['']) },
  });

  const controller = createController({
    name,
    clock,
    logger,
    informers: [roles],
    async reconcile(key) {
      const role = roles.store.get(key);
      if (role?.aggregationRule == null) return;
      const rules = gather(role, roles.store.list());
      if (deepEqual(rules, role.rules ?? [])) return;
      const config = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: key },
        ...(rules.length === 0 ? {} : { rules }),
      };
      await unlessGone(client.patch(CLUSTER_ROLES, { name: key }, 'apply', config, { fieldManager: name, force: true }));
    },
  });
  // A role may be a part of any that aggregates, and there are few of those.
  const enqueue = (): void => {
    for (const role of roles.store.byIndex(aggregating, '')) controller.enqueueObject(role);
  };
  roles.addHandler({
    add: enqueue,
    update: (previous, current) => {
      const same =
        previous.rules === current.rules &&
        previous.aggregationRule === current.aggregationRule &&
        previous.metadata.labels === current.metadata.labels;
      if (!same) enqueue();
    },
    delete: enqueue,
  });
  return controller;
}

/** The rules of all other roles that the selectors match, selector by selector and by the roles' names, each rule once. */
function gather(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  const sorted = [...all].sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matcher = compileLabelSelector(selector);
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !matcher.matches(other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        const text = jsonText(rule);
        if (!rules.has(text)) rules.set(text, rule);
      }
    }
  }
  return [...rules.values()];
}
