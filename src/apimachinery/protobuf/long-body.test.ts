// Long messages, which are read in slices: what comes of them is what comes of them at once.
import { inSteps } from '../../../test/support/in-steps.js';
import { openEnvelope } from './envelope.js';
import { recordedCodec } from './testing/codec.js';

const { codec, schemas } = recordedCodec();

function list<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

const metadata = { name: 'a', labels: Object.fromEntries(list(1500, (index) => [`label${index}`, 'value'])) };
const env = (count: number): object[] => list(count, (index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(index % 30) }));
const objects = [
  [
    'io.k8s.api.core.v1.ConfigMap',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(list(5000, (index) => [`k${index}`, 'v'])) },
  ],
  [
    'io.k8s.api.core.v1.Pod',
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { containers: list(4, (index) => ({ name: `c${index}`, image: 'i', env: env(index * 900) })) },
    },
  ],
  [
    'io.k8s.api.apps.v1.Deployment',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          // The source stands inline in the volume.
          spec: {
            containers: [{ name: 'c', env: env(3000) }],
            volumes: [{ name: 'v', configMap: { name: 'm', items: list(3000, (index) => ({ key: `k${index}`, path: 'p' })) } }],
          },
        },
      },
    },
  ],
] as const;

function outcome<T>(run: () => T): unknown {
  try {
    return run();
  } catch (error) {
    return String(error);
  }
}

describe.each(objects)('%s', (name, object) => {
  const node = schemas.schemaFor(name);
  const { raw } = openEnvelope(codec.encode(object));

  it('is the same in slices', () => {
    const { value, steps } = inSteps(codec.decodeMessageWork(node, raw));
    expect(value).toEqual(codec.decodeMessage(node, raw));
    expect(steps + 1).toBeGreaterThanOrEqual(Math.floor(raw.byteLength / (32 * 1024)));
  });

  it('is one message when it comes in two parts', () => {
    const twice = Buffer.concat([raw, raw]);
    expect(inSteps(codec.decodeMessageWork(node, twice)).value).toEqual(codec.decodeMessage(node, twice));
  });

  it('is refused in the same words when it is cut or spoilt', () => {
    for (let cut = 1; cut < 20; cut++) {
      const part = raw.subarray(0, Math.floor((raw.byteLength * cut) / 20));
      expect(outcome(() => inSteps(codec.decodeMessageWork(node, part)).value)).toEqual(outcome(() => codec.decodeMessage(node, part)));
      const spoilt = Buffer.from(raw);
      spoilt[Math.floor((raw.byteLength * cut) / 20)]! ^= 0xff;
      expect(outcome(() => inSteps(codec.decodeMessageWork(node, spoilt)).value)).toEqual(outcome(() => codec.decodeMessage(node, spoilt)));
    }
  });
});
