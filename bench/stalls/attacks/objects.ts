// Built-in objects that are as large as a request may be.
import { core, creation, fields, list, type Attack, type Group } from '../world.js';

const at = (path: string): string => `/apis/${path.replace('@', 'namespaces/stalls')}`;
const container = { name: 'c', image: 'i' };
const pod = (spec: object, metadata: object = {}): unknown => ({
  metadata: { name: '$NAME', ...metadata },
  spec: { containers: [container], ...spec },
});

/** Title, collection, object. */
const bodies: Readonly<Record<string, readonly [string, unknown]>> = {
  'a config map of 40,000 keys': [`${core}/configmaps`, { metadata: { name: '$NAME' }, data: fields(40_000, (i) => [`k${i}`, 'v']) }],
  'a config map with 100,000 finalizers': [
    `${core}/configmaps`,
    { metadata: { name: '$NAME', finalizers: list(100_000, (i) => `a.b/c${i}`) } },
  ],
  'a config map with 60,000 annotations': [
    `${core}/configmaps`,
    { metadata: { name: '$NAME', annotations: fields(60_000, (i) => [`a${i}`, 'v']) } },
  ],
  'a config map with 20,000 managers': [`${core}/configmaps`, { metadata: { name: '$NAME', managedFields: list(20_000, (i) => ({ manager: `m${i}`, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { [`f:k${i}`]: {} } } })) } }], // prettier-ignore
  'a name of 2 MB': [`${core}/configmaps`, { metadata: { name: 'a.'.repeat(1_000_000) } }],
  'a pod of 30,000 labels': [`${core}/pods`, pod({}, { labels: fields(30_000, (i) => [`l${i}`, 'v']) })],
  'a pod of 20,000 variables': [
    `${core}/pods`,
    pod({ containers: [{ ...container, env: list(20_000, (i) => ({ name: `E${i}`, value: 'v' })) }] }),
  ],
  'a pod of 8,000 volumes': [`${core}/pods`, pod({ volumes: list(8000, (i) => ({ name: `v${i}`, emptyDir: {} })), containers: [{ ...container, volumeMounts: list(8000, (i) => ({ name: `v${i}`, mountPath: `/m${i}` })) }] })], // prettier-ignore
  'a pod of 1,500 quantities of 900 digits': [`${core}/pods`, pod({ containers: [{ ...container, resources: { requests: fields(1500, (i) => [`a.b/r${i}`, `${'9'.repeat(900)}Ei`]) } }] })], // prettier-ignore
  'a pod with a quantity of 2 MB': [
    `${core}/pods`,
    pod({ containers: [{ ...container, resources: { requests: { cpu: '9'.repeat(2_000_000) } } }] }),
  ],
  'a pod of 15,000 host names': [`${core}/pods`, pod({ hostAliases: list(15_000, (i) => ({ ip: '10.0.0.1', hostnames: [`a${i}`] })), imagePullSecrets: list(20_000, (i) => ({ name: `x${i}` })) })], // prettier-ignore
  'a pod of 300,000 groups': [`${core}/pods`, pod({ securityContext: { supplementalGroups: list(300_000), sysctls: list(15_000, (i) => ({ name: `a.b${i}`, value: '1' })) } })], // prettier-ignore
  'a service of 3,000 ports': [
    `${core}/services`,
    { metadata: { name: '$NAME' }, spec: { ports: list(3000, (i) => ({ name: `p${i}`, port: i + 1 })) } },
  ],
  'endpoints of 20,000 addresses': [`${core}/endpoints`, { metadata: { name: '$NAME' }, subsets: [{ addresses: list(20_000, (i) => ({ ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })), ports: [{ port: 80 }] }] }], // prettier-ignore
  'a network policy of 10,000 rules': [at('networking.k8s.io/v1/@/networkpolicies'), { metadata: { name: '$NAME' }, spec: { podSelector: {}, ingress: list(10_000, () => ({ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })) } }], // prettier-ignore
  'a cluster role of 50,000 resources and 100,000 verbs': [at('rbac.authorization.k8s.io/v1/clusterroles'), { metadata: { name: '$NAME' }, rules: [{ apiGroups: [''], resources: list(50_000, (i) => `r${i}`), verbs: list(100_000, (i) => `v${i}`) }] }], // prettier-ignore
  'a limit range of 15,000 resources': [`${core}/limitranges`, { metadata: { name: '$NAME' }, spec: { limits: [{ type: 'Container', max: fields(15_000, (i) => [`ex.com/r${i}`, '5']), default: fields(15_000, (i) => [`ex.com/r${i}`, '5']) }] } }], // prettier-ignore
  'a quota of 15,000 resources': [`${core}/resourcequotas`, { metadata: { name: '$NAME' }, spec: { hard: fields(15_000, (i) => [`count/r${i}.g${i}`, '5']) } }], // prettier-ignore
  'a cron schedule of 300,000 minutes': [at('batch/v1/@/cronjobs'), { metadata: { name: '$NAME' }, spec: { schedule: `${list(300_000, (i) => i % 60).join(',')} * * * *`, jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } } } }], // prettier-ignore
  'a cron schedule of 200,000 ranges': [at('batch/v1/@/cronjobs'), { metadata: { name: '$NAME' }, spec: { schedule: `${list(200_000, () => '0-59').join(',')} * * * *`, jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } } } }], // prettier-ignore
  'a secret with docker JSON nested 900,000 deep': [`${core}/secrets`, { metadata: { name: '$NAME' }, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '['.repeat(900_000) } }], // prettier-ignore
  'a signing request of 1.5 MB': [at('certificates.k8s.io/v1/certificatesigningrequests'), { metadata: { name: '$NAME' }, spec: { signerName: 'a.b/c', usages: ['client auth'], request: Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${'A'.repeat(1_500_000)}\n-----END CERTIFICATE REQUEST-----\n`).toString('base64') } }], // prettier-ignore
  'a policy of 6,000 expressions': [at('admissionregistration.k8s.io/v1/validatingadmissionpolicies'), { metadata: { name: '$NAME' }, spec: { matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] }] }, validations: list(6000, (i) => ({ expression: `object.metadata.name != 'a${i}' && object.metadata.namespace.startsWith('q')` })) } }], // prettier-ignore
  'a review of access with 60,000 extra fields': [at('authorization.k8s.io/v1/subjectaccessreviews'), { spec: { user: 'x', extra: fields(60_000, (i) => [`k${i}`, ['v']]), resourceAttributes: { verb: 'get', resource: 'pods' } } }], // prettier-ignore
};

const rbac = '/apis/rbac.authorization.k8s.io/v1';

export const objects: Group = {
  name: 'objects',
  attacks: async (world) => {
    let made: Promise<unknown> | undefined;
    /** Somebody with 10,000 rules in 500 roles. */
    const rules = async (): Promise<void> => {
      for (let role = 0; role < 500; role++) {
        const name = `stalls-${role}`;
        await world.ask('POST', `${rbac}/clusterroles`, { body: { metadata: { name }, rules: list(20, (i) => ({ apiGroups: [`g${role}`], resources: [`r${i}`], verbs: ['get'] })) } }); // prettier-ignore
        await world.ask('POST', `${rbac}/clusterrolebindings`, { body: { metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'User', name: 'many', apiGroup: 'rbac.authorization.k8s.io' }] } }); // prettier-ignore
      }
    };
    const many: Attack = {
      title: 'a review of 10,000 rules',
      prepare: () => (made ??= rules()),
      run: () => world.ask('POST', at('authorization.k8s.io/v1/selfsubjectrulesreviews'), { body: { spec: { namespace: 'stalls' } }, headers: { 'impersonate-user': 'many', 'impersonate-group': 'system:authenticated' } }), // prettier-ignore
    };
    return [...Object.entries(bodies).map(([title, [path, body]]) => creation(world, title, path, body)), many];
  },
};
