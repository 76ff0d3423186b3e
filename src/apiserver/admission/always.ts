// AlwaysAdmit and AlwaysDeny: plugins for tests of clusters themselves.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwaysdeny
import { forbidden } from '../../apimachinery/errors/api-error.js';
import { apiServerUser } from '../authentication/groups.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', handles: () => false };

/** What the server itself writes at its start is let through: a real server with this plugin runs only over a store that was filled before. */
function deny({ kind, name, user }: AdmissionRequest): void {
  if (user.name === apiServerUser.name) return;
  throw forbidden(kind, name, 'admission control is denying all modifications');
}

/** Refuses every write of others than the server itself with 403. */
export const alwaysDeny: AdmissionPlugin = { name: 'AlwaysDeny', subresources: 'all', handles: () => true, admit: deny, validate: deny };
