// The resources that components work with, each with the type of its objects.
import type * as admissionregistrationV1 from '../../openapi/types/admissionregistration.v1.js';
import type * as apiextensionsV1 from '../../openapi/types/apiextensions.v1.js';
import type * as apiregistrationV1 from '../../openapi/types/apiregistration.v1.js';
import type * as appsV1 from '../../openapi/types/apps.v1.js';
import type * as autoscalingV2 from '../../openapi/types/autoscaling.v2.js';
import type * as batchV1 from '../../openapi/types/batch.v1.js';
import type * as certificatesV1 from '../../openapi/types/certificates.v1.js';
import type * as coordinationV1 from '../../openapi/types/coordination.v1.js';
import type * as coreV1 from '../../openapi/types/core.v1.js';
import type * as discoveryV1 from '../../openapi/types/discovery.v1.js';
import type * as flowcontrolV1 from '../../openapi/types/flowcontrol.v1.js';
import type * as networkingV1 from '../../openapi/types/networking.v1.js';
import type * as nodeV1 from '../../openapi/types/node.v1.js';
import type * as policyV1 from '../../openapi/types/policy.v1.js';
import type * as rbacV1 from '../../openapi/types/rbac.v1.js';
import type * as resourceV1 from '../../openapi/types/resource.v1.js';
import type * as schedulingV1 from '../../openapi/types/scheduling.v1.js';
import type * as storageV1 from '../../openapi/types/storage.v1.js';
import type { KubeObject } from '../apimachinery/object.js';
import type { ResourceType } from './client.js';

/**
 * A resource with the type of its objects; for the ones below and for custom resources.
 * @param resource the plural in the URL
 */
export function defineResource<T extends KubeObject = KubeObject>(
  group: string,
  version: string,
  resource: string,
  kind: string,
  namespaced: boolean,
): ResourceType<T> {
  return Object.freeze({ group, version, resource, kind, namespaced });
}

// admissionregistration.k8s.io/v1
export const MUTATING_WEBHOOK_CONFIGURATIONS = defineResource<admissionregistrationV1.MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingwebhookconfigurations',
  'MutatingWebhookConfiguration',
  false,
);
export const VALIDATING_WEBHOOK_CONFIGURATIONS = defineResource<admissionregistrationV1.ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
  false,
);
export const VALIDATING_ADMISSION_POLICIES = defineResource<admissionregistrationV1.ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicies',
  'ValidatingAdmissionPolicy',
  false,
);
export const VALIDATING_ADMISSION_POLICY_BINDINGS = defineResource<admissionregistrationV1.ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
  false,
);
export const MUTATING_ADMISSION_POLICIES = defineResource<admissionregistrationV1.MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicies',
  'MutatingAdmissionPolicy',
  false,
);
export const MUTATING_ADMISSION_POLICY_BINDINGS = defineResource<admissionregistrationV1.MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicybindings',
  'MutatingAdmissionPolicyBinding',
  false,
);

// apiextensions.k8s.io/v1
export const CUSTOM_RESOURCE_DEFINITIONS = defineResource<apiextensionsV1.CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);

// apiregistration.k8s.io/v1
export const API_SERVICES = defineResource<apiregistrationV1.APIService>(
  'apiregistration.k8s.io',
  'v1',
  'apiservices',
  'APIService',
  false,
);

// apps/v1
export const CONTROLLER_REVISIONS = defineResource<appsV1.ControllerRevision>(
  'apps',
  'v1',
  'controllerrevisions',
  'ControllerRevision',
  true,
);
export const DAEMON_SETS = defineResource<appsV1.DaemonSet>('apps', 'v1', 'daemonsets', 'DaemonSet', true);
export const DEPLOYMENTS = defineResource<appsV1.Deployment>('apps', 'v1', 'deployments', 'Deployment', true);
export const REPLICA_SETS = defineResource<appsV1.ReplicaSet>('apps', 'v1', 'replicasets', 'ReplicaSet', true);
export const STATEFUL_SETS = defineResource<appsV1.StatefulSet>('apps', 'v1', 'statefulsets', 'StatefulSet', true);

// autoscaling/v2
export const HORIZONTAL_POD_AUTOSCALERS = defineResource<autoscalingV2.HorizontalPodAutoscaler>(
  'autoscaling',
  'v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
  true,
);

// batch/v1
export const CRON_JOBS = defineResource<batchV1.CronJob>('batch', 'v1', 'cronjobs', 'CronJob', true);
export const JOBS = defineResource<batchV1.Job>('batch', 'v1', 'jobs', 'Job', true);

// certificates.k8s.io/v1
export const CERTIFICATE_SIGNING_REQUESTS = defineResource<certificatesV1.CertificateSigningRequest>(
  'certificates.k8s.io',
  'v1',
  'certificatesigningrequests',
  'CertificateSigningRequest',
  false,
);

// coordination.k8s.io/v1
export const LEASES = defineResource<coordinationV1.Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease', true);

// core/v1
export const CONFIG_MAPS = defineResource<coreV1.ConfigMap>('', 'v1', 'configmaps', 'ConfigMap', true);
export const ENDPOINTS = defineResource<coreV1.Endpoints>('', 'v1', 'endpoints', 'Endpoints', true);
export const EVENTS = defineResource<coreV1.Event>('', 'v1', 'events', 'Event', true);
export const LIMIT_RANGES = defineResource<coreV1.LimitRange>('', 'v1', 'limitranges', 'LimitRange', true);
export const NAMESPACES = defineResource<coreV1.Namespace>('', 'v1', 'namespaces', 'Namespace', false);
export const NODES = defineResource<coreV1.Node>('', 'v1', 'nodes', 'Node', false);
export const PERSISTENT_VOLUMES = defineResource<coreV1.PersistentVolume>('', 'v1', 'persistentvolumes', 'PersistentVolume', false);
export const PERSISTENT_VOLUME_CLAIMS = defineResource<coreV1.PersistentVolumeClaim>(
  '',
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
  true,
);
export const PODS = defineResource<coreV1.Pod>('', 'v1', 'pods', 'Pod', true);
export const POD_TEMPLATES = defineResource<coreV1.PodTemplate>('', 'v1', 'podtemplates', 'PodTemplate', true);
export const REPLICATION_CONTROLLERS = defineResource<coreV1.ReplicationController>(
  '',
  'v1',
  'replicationcontrollers',
  'ReplicationController',
  true,
);
export const RESOURCE_QUOTAS = defineResource<coreV1.ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota', true);
export const SECRETS = defineResource<coreV1.Secret>('', 'v1', 'secrets', 'Secret', true);
export const SERVICES = defineResource<coreV1.Service>('', 'v1', 'services', 'Service', true);
export const SERVICE_ACCOUNTS = defineResource<coreV1.ServiceAccount>('', 'v1', 'serviceaccounts', 'ServiceAccount', true);

// discovery.k8s.io/v1
export const ENDPOINT_SLICES = defineResource<discoveryV1.EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', true);

// flowcontrol.apiserver.k8s.io/v1
export const FLOW_SCHEMAS = defineResource<flowcontrolV1.FlowSchema>(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'flowschemas',
  'FlowSchema',
  false,
);
export const PRIORITY_LEVEL_CONFIGURATIONS = defineResource<flowcontrolV1.PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'prioritylevelconfigurations',
  'PriorityLevelConfiguration',
  false,
);

// networking.k8s.io/v1
export const INGRESSES = defineResource<networkingV1.Ingress>('networking.k8s.io', 'v1', 'ingresses', 'Ingress', true);
export const INGRESS_CLASSES = defineResource<networkingV1.IngressClass>(
  'networking.k8s.io',
  'v1',
  'ingressclasses',
  'IngressClass',
  false,
);
export const IP_ADDRESSES = defineResource<networkingV1.IPAddress>('networking.k8s.io', 'v1', 'ipaddresses', 'IPAddress', false);
export const NETWORK_POLICIES = defineResource<networkingV1.NetworkPolicy>(
  'networking.k8s.io',
  'v1',
  'networkpolicies',
  'NetworkPolicy',
  true,
);
export const SERVICE_CIDRS = defineResource<networkingV1.ServiceCIDR>('networking.k8s.io', 'v1', 'servicecidrs', 'ServiceCIDR', false);

// node.k8s.io/v1
export const RUNTIME_CLASSES = defineResource<nodeV1.RuntimeClass>('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass', false);

// policy/v1
export const POD_DISRUPTION_BUDGETS = defineResource<policyV1.PodDisruptionBudget>(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
  true,
);

// rbac.authorization.k8s.io/v1
export const CLUSTER_ROLES = defineResource<rbacV1.ClusterRole>('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false);
export const CLUSTER_ROLE_BINDINGS = defineResource<rbacV1.ClusterRoleBinding>(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  false,
);
export const ROLES = defineResource<rbacV1.Role>('rbac.authorization.k8s.io', 'v1', 'roles', 'Role', true);
export const ROLE_BINDINGS = defineResource<rbacV1.RoleBinding>('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', true);

// resource.k8s.io/v1
export const DEVICE_CLASSES = defineResource<resourceV1.DeviceClass>('resource.k8s.io', 'v1', 'deviceclasses', 'DeviceClass', false);
export const RESOURCE_CLAIMS = defineResource<resourceV1.ResourceClaim>('resource.k8s.io', 'v1', 'resourceclaims', 'ResourceClaim', true);
export const RESOURCE_CLAIM_TEMPLATES = defineResource<resourceV1.ResourceClaimTemplate>(
  'resource.k8s.io',
  'v1',
  'resourceclaimtemplates',
  'ResourceClaimTemplate',
  true,
);
export const RESOURCE_SLICES = defineResource<resourceV1.ResourceSlice>('resource.k8s.io', 'v1', 'resourceslices', 'ResourceSlice', false);

// scheduling.k8s.io/v1
export const PRIORITY_CLASSES = defineResource<schedulingV1.PriorityClass>(
  'scheduling.k8s.io',
  'v1',
  'priorityclasses',
  'PriorityClass',
  false,
);

// storage.k8s.io/v1
export const CSI_DRIVERS = defineResource<storageV1.CSIDriver>('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver', false);
export const CSI_NODES = defineResource<storageV1.CSINode>('storage.k8s.io', 'v1', 'csinodes', 'CSINode', false);
export const CSI_STORAGE_CAPACITIES = defineResource<storageV1.CSIStorageCapacity>(
  'storage.k8s.io',
  'v1',
  'csistoragecapacities',
  'CSIStorageCapacity',
  true,
);
export const STORAGE_CLASSES = defineResource<storageV1.StorageClass>('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false);
export const VOLUME_ATTACHMENTS = defineResource<storageV1.VolumeAttachment>(
  'storage.k8s.io',
  'v1',
  'volumeattachments',
  'VolumeAttachment',
  false,
);
export const VOLUME_ATTRIBUTES_CLASSES = defineResource<storageV1.VolumeAttributesClass>(
  'storage.k8s.io',
  'v1',
  'volumeattributesclasses',
  'VolumeAttributesClass',
  false,
);
