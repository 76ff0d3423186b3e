// Says in the status of validating admission policies which of their expressions do not fit the kinds that they match.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
import { createController } from '../../client/controller/controller.js';
import { VALIDATING_ADMISSION_POLICIES } from '../../client/resources.js';
import { expressionWarnings } from '../../registry/admissionregistration/type-check.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';
import { matchedKinds, paramSchema, Schemas } from './matched-kinds.js';

const name = 'validatingadmissionpolicy-status-controller';
/** As managedFields names it. */
const fieldManager = 'validatingadmissionpolicy-status';

export const validatingAdmissionPolicyStatusController: ControllerDefinition = {
  name,
  account: name,
  create: createValidatingAdmissionPolicyStatusController,
};

export function createValidatingAdmissionPolicyStatusController({
  client,
  clock,
  logger,
  informers,
}: ControllerContext): RunningController {
  const policies = informers.informer(VALIDATING_ADMISSION_POLICIES);
  const controller = createController({
    name,
    clock,
    logger,
    informers: [policies],
    async reconcile(key) {
      const policy = policies.store.get(key);
      const generation = policy?.metadata.generation ?? 0;
      // Once for each generation: what becomes of the kinds later is no matter.
      if (policy === undefined || (policy.status?.observedGeneration ?? -1) >= generation) return;
      const spec = policy.spec ?? {};
      const schemas = new Schemas(client);
      const kinds = await matchedKinds(spec.matchConstraints, schemas);
      const warnings = expressionWarnings(spec, kinds, await paramSchema(spec.paramKind, schemas));
      const status = {
        observedGeneration: generation,
        typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings },
      };
      const config = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: key },
        status,
      };
      await unlessGone(
        client.patch(VALIDATING_ADMISSION_POLICIES, { name: key }, 'apply', config, { fieldManager, force: true, subresource: 'status' }),
      );
    },
  });
  policies.addHandler({
    add: (policy) => controller.enqueueObject(policy),
    update: (previous, current) => {
      if (previous.metadata.generation !== current.metadata.generation) controller.enqueueObject(current);
    },
  });
  return controller;
}
