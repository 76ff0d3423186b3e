// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { event } from './event.js';

export const eventsKinds: readonly KindDefinition[] = [event];
