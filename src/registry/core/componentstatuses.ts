// ComponentStatuses: the health of the control plane, asked for at each request.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/
import type { ComponentStatus } from '../../../openapi/types/core.v1.js';
import type { KindDefinition } from '../kind.js';
import { nameOf } from '../printing/cells.js';

const texts: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' };

export const componentstatuses: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'componentstatuses',
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  cells: (object) => {
    const healthy = (object as ComponentStatus).conditions?.find(({ type }) => type === 'Healthy');
    return [nameOf(object), texts[healthy?.status ?? ''] ?? 'Unknown', healthy?.message ?? '', healthy?.error ?? ''];
  },
};
