// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { lease } from './lease.js';

export const coordinationKinds: readonly KindDefinition[] = [lease];
