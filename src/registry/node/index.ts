// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { runtimeClass } from './runtime-class.js';

export const nodeKinds: readonly KindDefinition[] = [runtimeClass];
