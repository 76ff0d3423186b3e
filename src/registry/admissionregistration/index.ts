// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { mutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.js';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.js';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration.js';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.js';
import { validatingAdmissionPolicy } from './validating-admission-policy.js';
import { validatingWebhookConfiguration } from './validating-webhook-configuration.js';

export const admissionregistrationKinds: readonly KindDefinition[] = [
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
];
