// What the API fills into a pod's spec, wherever it stands: in pods and in the templates of workloads.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import type { Mutable } from '../../../apimachinery/object.js';
import { isRecord } from '../../../apimachinery/object.js';
import { defaultsOf, under, type DefaultRow } from '../../rules/defaults.js';
import { dropOldAnnotations } from './prepare.js';

/** The parts of an image's name that may follow its registry. */
const imagePath = /^[a-z0-9._/-]+$/;

/** The pull policy of an image whose container names none. https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting */
export function defaultPullPolicy(image: unknown): 'Always' | 'IfNotPresent' {
  if (typeof image !== 'string' || image === '') return 'IfNotPresent';
  const at = image.indexOf('@');
  const name = at < 0 ? image : image.slice(0, at);
  const slash = name.indexOf('/');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  const registry = slash >= 0 && /[.:A-Z]|^localhost$/.test(name.slice(0, slash)) ? slash + 1 : 0;
  if (!imagePath.test(name.slice(registry, colon < 0 ? undefined : colon))) return 'IfNotPresent';
  return tag === 'latest' || (tag === undefined && at < 0) ? 'Always' : 'IfNotPresent';
}

const httpGetRows: readonly DefaultRow[] = [
  ['httpGet.path', '/'],
  ['httpGet.scheme', 'HTTP'],
];

const probeRows: readonly DefaultRow[] = [
  ['timeoutSeconds', 1],
  ['periodSeconds', 10],
  ['successThreshold', 1],
  ['failureThreshold', 3],
  ['grpc.service', ''],
  ...httpGetRows,
];

const sourceRows: readonly DefaultRow[] = [
  ['fieldRef.apiVersion', 'v1'],
  ['resourceFieldRef.divisor', '0'],
];

const containerRows: readonly DefaultRow[] = [
  ['imagePullPolicy', (container) => defaultPullPolicy(container['image'])],
  ['terminationMessagePath', '/dev/termination-log'],
  ['terminationMessagePolicy', 'File'],
  ['ports[].protocol', 'TCP'],
  ...under('env[].valueFrom', [...sourceRows, ['fileKeyRef.optional', false]]),
  ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) => under(probe, probeRows)),
  ...['lifecycle.preStop', 'lifecycle.postStart'].flatMap((hook) => under(hook, httpGetRows)),
];

function emptyDirWithoutSource(volume: Mutable): unknown {
  for (const field in volume) if (field !== 'name') return undefined;
  return {};
}

const volumeRows: readonly DefaultRow[] = [
  ['emptyDir', emptyDirWithoutSource],
  ['secret.defaultMode', 0o644],
  ['configMap.defaultMode', 0o644],
  ['downwardAPI.defaultMode', 0o644],
  ...under('downwardAPI.items[]', sourceRows),
  ['projected.defaultMode', 0o644],
  ['projected.sources[].serviceAccountToken.expirationSeconds', 3600],
  ...under('projected.sources[].downwardAPI.items[]', sourceRows),
  ['hostPath.type', ''],
  ['ephemeral.volumeClaimTemplate.spec.volumeMode', 'Filesystem'],
  ['image.pullPolicy', (image) => defaultPullPolicy(image['reference'])],
  ['iscsi.iscsiInterface', 'default'],
  ['rbd.pool', 'rbd'],
  ['rbd.user', 'admin'],
  ['rbd.keyring', '/etc/ceph/keyring'],
  ['azureDisk.cachingMode', 'ReadWrite'],
  ['azureDisk.fsType', 'ext4'],
  ['azureDisk.readOnly', false],
  ['azureDisk.kind', 'Shared'],
  ['scaleIO.storageMode', 'ThinProvisioned'],
  ['scaleIO.fsType', 'xfs'],
];

/** Rows of a PodSpec. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec */
export const podSpecRows: readonly DefaultRow[] = [
  ['restartPolicy', 'Always'],
  ['terminationGracePeriodSeconds', 30],
  ['dnsPolicy', 'ClusterFirst'],
  ['securityContext', () => ({})],
  ['schedulerName', 'default-scheduler'],
  // The old name of the field is kept equal to the new one; the new one comes first.
  ['serviceAccountName', (spec) => spec['serviceAccount']],
  ['serviceAccount', (spec) => spec['serviceAccountName']],
  ...['containers[]', 'initContainers[]', 'ephemeralContainers[]'].flatMap((containers) => under(containers, containerRows)),
  ...under('volumes[]', volumeRows),
];

/** Both names of the service account's field say the same, the new one wins. Changes the spec. */
export function settleServiceAccount(spec: unknown): void {
  if (isRecord(spec) && spec['serviceAccountName'] !== undefined) spec['serviceAccount'] = spec['serviceAccountName'];
}

/** Rows of a PodTemplateSpec that stands at `path`. */
export function templateRows(path: string): readonly DefaultRow[] {
  return under(`${path}.spec`, podSpecRows);
}

/** As above, for workloads: the defaults of everything under `spec.template`, and the given rows. Makes an `applyDefaults` hook. */
export function workloadDefaults(rows: readonly DefaultRow[], template = 'spec.template'): (draft: Mutable) => void {
  const fill = defaultsOf([...rows, ...templateRows(template)]);
  const path = [...template.split('.'), 'spec'];
  const templateOf = (draft: Mutable): unknown =>
    template.split('.').reduce<unknown>((one, field) => (isRecord(one) ? one[field] : undefined), draft);
  return (draft) => {
    let spec: unknown = draft;
    for (const field of path) spec = isRecord(spec) ? spec[field] : undefined;
    dropOldAnnotations(templateOf(draft));
    settleServiceAccount(spec);
    fill(draft);
  };
}
