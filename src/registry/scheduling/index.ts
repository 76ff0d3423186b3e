// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { priorityClass } from './priority-class.js';

export const schedulingKinds: readonly KindDefinition[] = [priorityClass];
