// What flow control works with even when nobody has stored it.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#mandatory-configuration-objects
import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const metadataOf = (name: string): FlowSchema['metadata'] => ({ name, uid: '', resourceVersion: '', creationTimestamp: '' });

const everything: Pick<PolicyRulesWithSubjects, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

const group = (name: string): PolicyRulesWithSubjects['subjects'][number] => ({ kind: 'Group', group: { name } });

export const mandatoryLevels: readonly PriorityLevelConfiguration[] = [
  {
    kind: 'PriorityLevelConfiguration',
    apiVersion,
    metadata: metadataOf('exempt'),
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
    status: {},
  },
  {
    kind: 'PriorityLevelConfiguration',
    apiVersion,
    metadata: metadataOf('catch-all'),
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
    status: {},
  },
];

export const mandatorySchemas: readonly FlowSchema[] = [
  {
    kind: 'FlowSchema',
    apiVersion,
    metadata: metadataOf('exempt'),
    spec: {
      matchingPrecedence: 1,
      priorityLevelConfiguration: { name: 'exempt' },
      rules: [{ subjects: [group('system:masters')], ...everything }],
    },
    status: {},
  },
  {
    kind: 'FlowSchema',
    apiVersion,
    metadata: metadataOf('catch-all'),
    spec: {
      matchingPrecedence: 10_000,
      priorityLevelConfiguration: { name: 'catch-all' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [group('system:unauthenticated'), group('system:authenticated')], ...everything }],
    },
    status: {},
  },
];
