// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { flowSchema } from './flow-schema.js';
import { priorityLevelConfiguration } from './priority-level-configuration.js';

export const flowcontrolKinds: readonly KindDefinition[] = [flowSchema, priorityLevelConfiguration];
