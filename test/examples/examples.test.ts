// The examples do what they say.
import { existsSync } from 'node:fs';
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
  'examples/config.yaml',
  async () => {
    const { code, output } = await runNode(kubedouble, 'run', '--config', 'examples/config.yaml', '--port', '0', '--', 'kubectl', 'get', 'nodes', '-o', 'name');
    expect(output.trim().split('\n')).toEqual(['node/node-0', 'node/node-1', 'node/node-2', 'node/node-3', 'node/node-4']);
    expect(code).toBe(0);
  },
  patience,
);
