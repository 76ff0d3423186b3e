// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { certificateSigningRequest } from './certificate-signing-request.js';

export const certificatesKinds: readonly KindDefinition[] = [certificateSigningRequest];
