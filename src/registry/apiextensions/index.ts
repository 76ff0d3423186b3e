// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { customResourceDefinition } from './custom-resource-definition.js';

export const apiextensionsKinds: readonly KindDefinition[] = [customResourceDefinition];
