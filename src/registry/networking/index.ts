// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { ingressClass } from './ingress-class.js';
import { ingress } from './ingress.js';
import { ipAddress } from './ip-address.js';
import { networkPolicy } from './network-policy.js';
import { serviceCIDR } from './service-cidr.js';

export const networkingKinds: readonly KindDefinition[] = [ingress, ingressClass, ipAddress, networkPolicy, serviceCIDR];
