// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { endpointSlice } from './endpoint-slice.js';

export const discoveryKinds: readonly KindDefinition[] = [endpointSlice];
