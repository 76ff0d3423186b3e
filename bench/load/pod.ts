// The pod that the load creates: two containers with ports, environment, resources and a probe, as pods of web applications have.

export function podName(index: number): string {
  return `pod-${String(index).padStart(6, '0')}`;
}

/** Its label `app` has one of 50 values. No scheduler takes it, so that the API server alone is measured. */
export function pod(index: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(index),
      labels: { app: `app-${index % 50}`, tier: 'web', 'pod-template-hash': 'abcdef12' },
      annotations: { 'prometheus.io/scrape': 'true', 'example.com/checksum': '0123456789abcdef0123456789abcdef' },
    },
    spec: {
      schedulerName: 'nobody',
      containers: [
        {
          name: 'web',
          image: 'nginx:1.27',
          ports: [{ containerPort: 80, name: 'http' }],
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } },
          livenessProbe: { exec: { command: ['true'] } },
        },
        { name: 'side', image: 'busybox:1.36', command: ['sleep', '3600'] },
      ],
    },
  };
}
