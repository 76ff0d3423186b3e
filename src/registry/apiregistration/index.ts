// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { apiService } from './api-service.js';

export const apiregistrationKinds: readonly KindDefinition[] = [apiService];
