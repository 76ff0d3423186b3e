// The admission plugins that ask who may do what, in their order; they come after all that change objects.
import type { AdmissionPlugin } from '../admission/chain.js';
import { certificatePlugins } from './certificate-admission.js';
import { deviceAdminAccess } from './device-admin-access.js';
import { rbacEscalation, type EscalationParts } from './escalation.js';

export function authorizationPlugins(parts: EscalationParts): readonly AdmissionPlugin[] {
  return [deviceAdminAccess(parts.registry, parts.storages), rbacEscalation(parts), ...certificatePlugins(parts.authorizer)];
}
