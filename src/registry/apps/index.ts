// The kinds of apps/v1, one file each.
import type { KindDefinition } from '../kind.js';
import { controllerrevisions } from './controllerrevisions.js';
import { daemonsets } from './daemonsets.js';
import { deployments } from './deployments.js';
import { replicasets } from './replicasets.js';
import { statefulsets } from './statefulsets.js';

export const appsKinds: readonly KindDefinition[] = [controllerrevisions, daemonsets, deployments, replicasets, statefulsets];
