// The examples do what they say.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../support/tools.js';
import { runNode } from './run-example.js';

const patience = 120_000;
const kubedouble = 'bin/kubedouble.js';
const jest = 'node_modules/jest/bin/jest.js';
const vitest = 'node_modules/vitest/vitest.mjs';

test(
  'examples/jest',
  async () => {
    const { code, errors } = await runNode(jest, '--config', 'examples/jest/jest.config.cjs');
    expect(errors).toContain('Tests:       2 passed, 2 total');
    expect(code).toBe(0);
  },
  patience,
);

// Vitest is run where it is installed; the example differs from Jest's in its imports alone.
(existsSync(join(checkout, vitest)) ? test : test.skip)(
  'examples/vitest',
  async () => {
    const { code, output } = await runNode(vitest, 'run', '--root', 'examples/vitest');
    expect(output).toMatch(/Tests +2 passed/);
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/client-node',
  async () => {
    const { code, output } = await runNode('examples/client-node/first-pod.js');
    expect(output).toBe('nodes: node-0\nlog: hello from first\n');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/manifests',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/manifests/apply.sh');
    expect(output).toContain('deployment "redis" successfully rolled out');
    expect(output).toContain('deployment "page" successfully rolled out');
    expect(output.match(/pod\/page-\S+ +1\/1 +Running/g)).toHaveLength(3);
    expect(output).toMatch(/service\/page +NodePort +10\.\S+ +<none> +80:3\d{4}\/TCP/);
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/extension-server',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/extension-server/run.sh');
    expect(output).toContain('apiservice.apiregistration.k8s.io/v1.books.example.com condition met');
    expect(output).toMatch(/books +bk +books\.example\.com\/v1 +true +Book/);
    expect(output).toContain('Emma, lent by kubernetes-admin');
    expect(output).toContain('What is written on it.');
    expect(output).toContain('book.books.example.com "emma" deleted');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/manifests/storage.yaml',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/manifests/storage.sh');
    expect(output).toContain('deployment "notes" successfully rolled out');
    expect(output).toMatch(/persistentvolumeclaim\/data +Bound +pvc-\S+ +2Gi +RWO +standard/);
    expect(output).toMatch(/standard \(default\) +kubedouble\.dev\/hostpath/);
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/manifests/policy.yaml',
  async () => {
    const { code, output, errors } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/manifests/policy.sh');
    expect(output).toContain('deployment.apps/web scaled');
    expect(errors).toContain('denied request: a Deployment in production needs two replicas, not 1');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/manifests/mutation.yaml',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/manifests/mutation.sh');
    expect(output).toContain('meshed has mesh-proxy added for ');
    expect(output).toMatch(/^default has {2}$/m);
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/manifests/custom-resource.yaml',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--', 'sh', 'examples/manifests/custom-resource.sh');
    expect(output).toMatch(/NAME +VOLUME +KEEP +LAST +READY/);
    expect(output).toContain('volume');
    expect(output).toContain('customresourcedefinition.apiextensions.k8s.io "backups.example.com" deleted');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/admission',
  async () => {
    const flags = ['--enable-admission-plugins', 'EventRateLimit,PodNodeSelector', '--admission-control-config-file', 'examples/admission/admission.yaml'];
    const { code, output, errors } = await runNode(kubedouble, 'run', ...flags, '--', 'sh', 'examples/admission/refused.sh');
    expect(errors).toContain('pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)');
    expect(output).toContain('pod/plain created\n');
    expect(output).toContain('selector: {"kubernetes.io/os":"linux"}\n');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/audit',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'audit-'));
    try {
      const log = join(folder, 'audit.log');
      const flags = ['--audit-policy-file', 'examples/audit/policy.yaml', '--audit-log-path', log];
      const { code, output } = await runNode(kubedouble, 'run', ...flags, '--', 'sh', 'examples/audit/who.sh', log);
      expect(output).toContain('settings: jane (allow)\npassword: joe (forbid)\n');
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  patience,
);

test(
  'examples/authorization',
  async () => {
    const flags = ['--authorization-mode', 'Node,RBAC,ABAC', '--authorization-policy-file', 'examples/authorization/policy.jsonl'];
    const { code, output } = await runNode(kubedouble, 'run', ...flags, '--', 'sh', 'examples/authorization/who.sh');
    expect(output).toContain('list pods --as jane: yes\n');
    expect(output).toContain('delete pods --as jane: no - No policy matched.\n');
    expect(output).toContain('create configmaps --as joe --as-group crew: yes\n');
    expect(output).toContain('create configmaps --as joe --as-group crew -n kube-system: no - No policy matched.\n');
    expect(code).toBe(0);
  },
  patience,
);

test(
  'examples/config.yaml',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--config', 'examples/config.yaml', '--port', '0', '--', 'kubectl', 'get', 'nodes', '-o', 'name');
    expect(output.trim().split('\n')).toEqual(['node/node-0', 'node/node-1', 'node/node-2', 'node/node-3', 'node/node-4']);
    expect(code).toBe(0);
  },
  patience,
);
