// DefaultBinder: tells the API which node a pod gets.
import type { Plugin, PluginHandle } from '../framework.js';
import { PODS } from '../../client/resources.js';
import type { Binding, Pod } from '../../../openapi/types/core.v1.js';

export function defaultBinder({ client }: PluginHandle): Plugin {
  return {
    name: 'DefaultBinder',
    async bind({ pod }, node) {
      const { name, namespace, uid } = pod.metadata;
      await client.create<Pod, Binding>(
        PODS,
        { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } },
        { subresource: 'binding' },
      );
    },
  };
}
