// All kinds of the API in one list, and the registry made of them.
import { compileSchemas, type Schemas } from '../apimachinery/schema/compile.js';
import { defineKind } from './define.js';
import { schemaSourceOf, type Facts } from './facts.js';
import type { KindDefinition } from './kind.js';
import { registryOf, type Registry } from './registry.js';
import { admissionregistrationKinds } from './admissionregistration/index.js';
import { apiextensionsKinds } from './apiextensions/index.js';
import { apiregistrationKinds } from './apiregistration/index.js';
import { appsKinds } from './apps/index.js';
import { authenticationKinds } from './authentication/index.js';
import { authorizationKinds } from './authorization/index.js';
import { autoscalingKinds } from './autoscaling/index.js';
import { batchKinds } from './batch/index.js';
import { certificatesKinds } from './certificates/index.js';
import { coordinationKinds } from './coordination/index.js';
import { coreKinds } from './core/index.js';
import { discoveryKinds } from './discovery/index.js';
import { eventsKinds } from './events/index.js';
import { flowcontrolKinds } from './flowcontrol/index.js';
import { networkingKinds } from './networking/index.js';
import { nodeKinds } from './node/index.js';
import { policyKinds } from './policy/index.js';
import { rbacKinds } from './rbac/index.js';
import { resourceKinds } from './resource/index.js';
import { schedulingKinds } from './scheduling/index.js';
import { storageKinds } from './storage/index.js';

export { loadFacts, findFactsFolder, apiPath, documentName, type Facts } from './facts.js';
export { defineKind, definitionName } from './define.js';
export { registryOf, type Registry, type RegistryGroup } from './registry.js';

/** Every built-in kind, by group. */
export const definitions: readonly KindDefinition[] = [
  ...coreKinds,
  ...admissionregistrationKinds,
  ...apiextensionsKinds,
  ...apiregistrationKinds,
  ...appsKinds,
  ...authenticationKinds,
  ...authorizationKinds,
  ...autoscalingKinds,
  ...batchKinds,
  ...certificatesKinds,
  ...coordinationKinds,
  ...discoveryKinds,
  ...eventsKinds,
  ...flowcontrolKinds,
  ...networkingKinds,
  ...nodeKinds,
  ...policyKinds,
  ...rbacKinds,
  ...resourceKinds,
  ...schedulingKinds,
  ...storageKinds,
];

/** A registry of all built-in kinds. Quick: schemas are compiled when a kind is first used. */
export function createRegistry(facts: Facts, schemas: Schemas = compileSchemas(schemaSourceOf(facts))): Registry {
  const groups = facts.groups();
  const position = new Map<string, number>();
  for (const group of groups) {
    for (const version of group.versions) {
      for (const { name } of facts.resources(group.name, version)) position.set(`${group.name}/${version}/${name}`, position.size);
    }
  }
  const place = ({ group, version, resource }: KindDefinition): number => position.get(`${group}/${version}/${resource}`) ?? position.size;
  const ordered = [...definitions].sort((a, b) => place(a) - place(b));
  return registryOf(
    ordered.map((definition) => defineKind(facts, schemas, definition)),
    groups,
  );
}
