// The example of devices does what it says.
import { runNode } from './run-example.js';

test('examples/manifests/devices.yaml', async () => {
  const { code, output } = await runNode('bin/kubedouble.js', 'run', '--', 'sh', 'examples/manifests/devices.sh');
  expect(output.match(/^infer-\S+-gpu-\S+ +gpu-0 +20Gi$/gm)).toHaveLength(2);
  expect(output).toMatch(/^infer-\S+-gpu-\S+ +<none> +<none>$/m);
  expect(output).toMatch(/^train-extended-resources-\S+ +gpu-1 +<none>$/m);
  expect(output).toMatch(/^0\/\d nodes are available: \d cannot allocate all claims\./m);
  expect(code).toBe(0);
}, 120_000);
