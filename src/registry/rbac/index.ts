// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { clusterRoleBinding } from './cluster-role-binding.js';
import { clusterRole } from './cluster-role.js';
import { roleBinding } from './role-binding.js';
import { role } from './role.js';

export const rbacKinds: readonly KindDefinition[] = [clusterRoleBinding, clusterRole, roleBinding, role];
