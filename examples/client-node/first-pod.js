// Runs a pod with the official client for JavaScript against a cluster in this process, and prints what it logged.
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { startCluster } from 'kubedouble';

const cluster = await startCluster({ nodes: 1 });
try {
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);

  const { items } = await api.listNode();
  console.log(`nodes: ${items.map(({ metadata }) => metadata.name).join(', ')}`);

  const pod = {
    metadata: { name: 'first' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'echo hello from $HOSTNAME'] }] },
  };
  const done = phaseOf(config, 'first', 'Succeeded');
  await api.createNamespacedPod({ namespace: 'default', body: pod });
  await done;
  console.log(`log: ${(await api.readNamespacedPodLog({ namespace: 'default', name: 'first' })).trim()}`);
} finally {
  await cluster.stop();
}

/** Resolves when the pod is in this phase. */
function phaseOf(config, name, phase) {
  return new Promise((resolve, reject) => {
    const request = new Watch(config).watch(
      '/api/v1/namespaces/default/pods',
      { fieldSelector: `metadata.name=${name}` },
      async (_type, { status }) => {
        if (status.phase !== phase) return;
        resolve();
        (await request).abort();
      },
      (error) => (error ? reject(error) : resolve()),
    );
  });
}
