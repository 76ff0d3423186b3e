// componentstatuses: nothing is stored, each is looked at when somebody asks. Deprecated since v1.19.
import type { ComponentStatus } from '../../../openapi/types/core.v1.js';
import { jsonLine } from '../../apimachinery/codec/json.js';
import { notFound } from '../../apimachinery/errors/api-error.js';
import type { Entry } from '../../storage/store.js';
import type { ListResult, ObjectResult } from '../core/api-request.js';
import type { ResourceHandler } from '../core/core.js';
import { selectionOf } from '../core/selection.js';

/** The real server's three, with what each is here. */
const names = ['controller-manager', 'scheduler', 'etcd-0'] as const;

export type ComponentHealth = (name: (typeof names)[number]) => { readonly healthy: boolean; readonly message: string };

export function componentStatuses(health: ComponentHealth): { readonly get: ResourceHandler; readonly list: ResourceHandler } {
  const status = (name: (typeof names)[number]): ComponentStatus => {
    const { healthy, message } = health(name);
    const metadata = { name } as ComponentStatus['metadata'];
    return {
      kind: 'ComponentStatus',
      apiVersion: 'v1',
      metadata,
      conditions: [{ type: 'Healthy', status: healthy ? 'True' : 'False', message }],
    };
  };
  return {
    get: async (_core, { kind, name }): Promise<ObjectResult> => {
      const known = names.find((one) => one === name);
      if (known === undefined) throw notFound({ group: '', resource: 'componentstatus' }, name);
      return { type: 'object', code: 200, kind, object: status(known) };
    },
    list: async (_core, { kind, options }): Promise<ListResult> => {
      const selection = selectionOf(kind, options.labelSelector, options.fieldSelector);
      const found = names.map(status).filter((one) => selection.matches(one));
      return { type: 'list', kind, metadata: {}, entries: found.map(entryOf) };
    },
  };
}

/** An entry as the store has them, for answers that are put together from entries. */
function entryOf(value: ComponentStatus): Entry<ComponentStatus> {
  return { key: value.metadata.name, value, createRevision: 0, modRevision: 0, bytes: () => jsonLine(value) };
}
