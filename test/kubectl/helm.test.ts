// Real helm installs, upgrades, rolls back and uninstalls a small chart.
import { describeHelm, type Tool } from '../support/kit.js';
import { aged, lines } from '../support/text.js';

const chart = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: "1.0"\n',
  'values.yaml': 'replicas: 1\nimage: nginx:1.27\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {app: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
      - name: web
        image: {{ .Values.image }}
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports:
  - port: 80
`,
  'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  namespace: {{ (lookup "v1" "Namespace" "" .Release.Namespace).metadata.name | default "none" }}
`,
};

describeHelm('helm', (kit) => {
  let kubectl: Tool;
  let helm: Tool;
  let folder: string;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
    helm = kit.helm(kubectl.namespace);
    for (const [path, text] of Object.entries(chart)) kit.write(`chart/${path}`, text);
    folder = `${kit.folder}/chart`;
  });

  it('install --wait', async () => {
    const text = await helm.ok('install', 'shop', folder, '--wait', '--timeout', '30s');
    expect(text).toMatch(/^NAME: shop\n/);
    expect(text).toMatch(new RegExp(`^NAMESPACE: ${kubectl.namespace}\nSTATUS: deployed\nREVISION: 1\n`, 'm'));
    expect(await kubectl.ok('get', 'deployment', 'shop', '-o', 'jsonpath={.status.readyReplicas}')).toBe('1');
    // lookup asks the cluster.
    expect(await kubectl.ok('get', 'configmap', 'shop-config', '-o', 'jsonpath={.data.namespace}')).toBe(kubectl.namespace);
  });

  it('list', async () => {
    const [head, row] = lines((await helm.ok('list')).replace(/[ \t]+/g, ' '));
    expect(head).toBe('NAME NAMESPACE REVISION UPDATED STATUS CHART APP VERSION');
    expect(row).toMatch(new RegExp(`^shop ${kubectl.namespace} 1 .* deployed web-0\\.1\\.0 1\\.0 ?$`));
    expect(aged(await kubectl.ok('get', 'secrets'))).toBe(
      'NAME  TYPE  DATA  AGE\nsh.helm.release.v1.shop.v1  helm.sh/release.v1  1  <age>\n',
    );
  });

  it('a name can be used only once', async () => {
    expect(await helm.fails('install', 'shop', folder)).toMatch(/cannot re-?use a name that is still in use/);
  });

  it('upgrade changes what the chart says', async () => {
    const text = await helm.ok('upgrade', 'shop', folder, '--set', 'replicas=3,image=nginx:1.28', '--wait', '--timeout', '30s');
    expect(text).toMatch(/^Release "shop" has been upgraded\. Happy Helming!\n/);
    expect(
      await kubectl.ok('get', 'deployment', 'shop', '-o', 'jsonpath={.status.readyReplicas} {.spec.template.spec.containers[0].image}'),
    ).toBe('3 nginx:1.28');
    expect(await helm.ok('get', 'values', 'shop')).toBe('USER-SUPPLIED VALUES:\nimage: nginx:1.28\nreplicas: 3\n');
  });

  it('rollback and history', async () => {
    expect(await helm.ok('rollback', 'shop', '1', '--wait', '--timeout', '30s')).toBe('Rollback was a success! Happy Helming!\n');
    await kubectl.ok('wait', '--for=jsonpath={.status.readyReplicas}=1', 'deployment/shop', '--timeout=20s');
    expect(lines(await helm.ok('history', 'shop')).map((row) => /^\d+/.exec(row)?.[0])).toEqual([undefined, '1', '2', '3']);
  });

  it('uninstall takes everything away', async () => {
    expect(await helm.ok('uninstall', 'shop', '--wait', '--timeout', '30s')).toBe('release "shop" uninstalled\n');
    expect(await kubectl.ok('get', 'deployments,services,secrets', '-o', 'name')).toBe('');
    expect(lines(await helm.ok('list', '-q'))).toEqual(['']);
    expect(await helm.fails('status', 'shop')).toMatch(/release: not found/);
  });
});
