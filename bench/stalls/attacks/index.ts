// All groups of attacks, in the order in which they are run.
import type { Group } from '../world.js';
import { applies, lists, patches } from './bodies.js';
import { conversions } from './conversions.js';
import { instances } from './instances.js';
import { certificates, impersonation, proxyHeaders, tokens } from './identity.js';
import { objects } from './objects.js';
import { policies } from './policies.js';
import { publication } from './publication.js';
import { rules } from './rules.js';
import { schemas } from './schemas.js';
import { webhooks } from './webhooks.js';

export const groups: readonly Group[] = [
  tokens,
  certificates,
  proxyHeaders,
  impersonation,
  webhooks,
  schemas,
  rules,
  instances,
  conversions,
  policies,
  publication,
  objects,
  patches,
  applies,
  lists,
];
