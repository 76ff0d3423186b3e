// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { deviceClass } from './device-class.js';
import { resourceClaimTemplate } from './resource-claim-template.js';
import { resourceClaim } from './resource-claim.js';
import { resourceSlice } from './resource-slice.js';

export const resourceKinds: readonly KindDefinition[] = [deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice];
