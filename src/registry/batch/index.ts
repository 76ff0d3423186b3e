// The kinds of batch/v1, one file each.
import type { KindDefinition } from '../kind.js';
import { cronjobs } from './cronjobs.js';
import { jobs } from './jobs.js';

export const batchKinds: readonly KindDefinition[] = [cronjobs, jobs];
