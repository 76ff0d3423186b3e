// API servers, control planes and nodes, ours or the real ones: any of them goes with any other.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './processes.js';

/** The nodes that go on, and the one whose machine will fail. */
export const nodeGroups = { main: ['main-0', 'main-1'], spare: ['spare-0'] };

/** Starts an API server; resolves with the kubeconfig of an administrator. The certificates lie in the folder under kubeadm's names. */
export const apiServers = {
  async ours(processes, wait) {
    const kubeconfig = join(processes.folder, 'kubeconfig');
    const args = ['up', '--components', 'apiserver', '--port', '0', '--cert-dir', processes.folder, '--kubeconfig', kubeconfig];
    processes.start('kubedouble', args, 'apiserver');
    await wait('the API server', () => existsSync(kubeconfig));
    return kubeconfig;
  },
  async real(processes, wait) {
    const { folder } = processes;
    makeCertificates(folder);
    const [port, client, peer] = [await freePort(), await freePort(), await freePort()];
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    processes.start('etcd', [
      ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--initial-cluster', `default=${peerUrl}`],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    ]);
    processes.start('kube-apiserver', [
      ...['--etcd-servers', clientUrl, '--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1', '--secure-port', `${port}`],
      ...['--cert-dir', join(folder, 'serving'), '--client-ca-file', join(folder, 'ca.crt')],
      ...['--service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
      ...['--service-account-signing-key-file', join(folder, 'sa.key'), '--service-account-key-file', join(folder, 'sa.pub')],
      ...['--authorization-mode', 'Node,RBAC', '--service-cluster-ip-range', '10.96.0.0/12', '--allow-privileged=true'],
    ]);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, folder));
    return kubeconfig;
  },
};

/** Controllers and scheduler. */
export const controlPlanes = {
  async ours(processes, kubeconfig) {
    processes.start('kubedouble', ['controllers', '--kubeconfig', kubeconfig, ...keys(processes.folder)], 'controllers');
    processes.start('kubedouble', ['scheduler', '--kubeconfig', kubeconfig], 'scheduler');
  },
  async real(processes, kubeconfig) {
    const whose = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].flatMap((flag) => [`--${flag}`, kubeconfig]);
    const own = async () => [...whose, '--bind-address', '127.0.0.1', '--leader-elect=false', '--secure-port', `${await freePort()}`];
    const more = ['--use-service-account-credentials=true', '--kube-api-qps', '1000', '--kube-api-burst', '2000'];
    processes.start('kube-controller-manager', [...(await own()), ...keys(processes.folder), ...more]);
    processes.start('kube-scheduler', await own());
  },
};

/** Worker nodes: resolves with what takes the power off the spare one. */
export const workers = {
  async ours(processes, kubeconfig) {
    const start = (group) => {
      const args = ['kubelet', '--kubeconfig', kubeconfig, '--nodes', `${nodeGroups[group].length}`, '--node-prefix', `${group}-`];
      return processes.start('kubedouble', args, `kubelet-${group}`);
    };
    start('main');
    return start('spare').kill;
  },
  async real(processes, kubeconfig, kubectl) {
    const sizes = { cpu: '8', memory: '32Gi', pods: '110' };
    const items = Object.entries(nodeGroups).flatMap(([group, names]) =>
      names.map((name) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: { group, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
        status: { capacity: sizes, allocatable: sizes },
      })),
    );
    await kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    const start = async (group) => {
      const port = await freePort();
      const args = [
        '--kubeconfig',
        kubeconfig,
        '--manage-nodes-with-label-selector',
        `group=${group}`,
        '--node-lease-duration-seconds',
        '40',
      ];
      const address = ['--server-address', `127.0.0.1:${port}`, '--node-ip', '127.0.0.1', '--node-port', `${port}`];
      return processes.start('kwok', [...args, ...address], `kwok-${group}`);
    };
    await start('main');
    return (await start('spare')).kill;
  },
};

function keys(folder) {
  return [
    ...['--service-account-private-key-file', join(folder, 'sa.key'), '--root-ca-file', join(folder, 'ca.crt')],
    ...['--cluster-signing-cert-file', join(folder, 'ca.crt'), '--cluster-signing-key-file', join(folder, 'ca.key')],
  ];
}

/** An authority, an administrator's certificate and the key of service account tokens. */
function makeCertificates(folder) {
  const openssl = (...args) => {
    const { status, error, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`);
  };
  const extensions = join(folder, 'admin.ext');
  writeFileSync(extensions, 'extendedKeyUsage=clientAuth\n');
  openssl('genrsa', '-out', 'sa.key', '2048');
  openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=swaps');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'admin.key', '-out', 'admin.csr', '-subj', '/O=system:masters/CN=admin');
  const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', extensions];
  openssl('x509', '-req', '-in', 'admin.csr', '-out', 'admin.crt', ...signing);
}

function kubeconfigText(server, folder) {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'swap', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { 'client-certificate': join(folder, 'admin.crt'), 'client-key': join(folder, 'admin.key') } }],
    contexts: [{ name: 'swap', context: { cluster: 'swap', user: 'admin' } }],
    'current-context': 'swap',
  });
}
