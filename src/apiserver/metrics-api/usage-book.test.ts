import type { Pod } from '../../../openapi/types/core.v1.js';
import { formatQuantity } from '../../apimachinery/quantity/quantity.js';
import { createUsageBook } from './usage-book.js';

const running = (name: string): object => ({ name, state: { running: {} } });
function pod(annotations: Record<string, string> = {}): Pod {
  const metadata = { name: 'web-1', namespace: 'shop', labels: { app: 'web' }, annotations };
  const containers = [
    { name: 'main', resources: { requests: { cpu: '250m', memory: '200Mi' } } },
    { name: 'side', resources: {} },
    { name: 'waits', resources: {} },
  ];
  const containerStatuses = [running('main'), running('side'), { name: 'waits', state: { waiting: {} } }];
  return { metadata, spec: { containers }, status: { containerStatuses } } as unknown as Pod;
}
const book = createUsageBook();
afterEach(() => book.clear());
const shown = (of: Pod): Record<string, string> =>
  Object.fromEntries(
    book.containersOf(of).map(({ name, usage }) => [name, `${formatQuantity(usage.cpu)} ${formatQuantity(usage.memory)}`]),
  );

test('running containers use a tenth of what they request, or very little', () => {
  expect(shown(pod())).toEqual({ main: '25m 20Mi', side: '1m 10Mi' });
});

test('annotations of the pod say otherwise, when they are quantities', () => {
  expect(shown(pod({ 'kubedouble.dev/cpu-usage': '250m', 'kubedouble.dev/memory-usage': '1Gi' }))).toEqual({
    main: '250m 1Gi',
    side: '250m 1Gi',
  });
  expect(shown(pod({ 'kubedouble.dev/cpu-usage': 'much', 'kubedouble.dev/memory-usage': '-1' }))).toEqual({
    main: '25m 20Mi',
    side: '1m 10Mi',
  });
});

test('what a test sets goes before both; the last word counts, each resource for itself', () => {
  book.set({ namespace: 'shop' }, { cpu: '1', memory: '1Gi' });
  book.set({ labels: { app: 'web' }, container: 'side' }, { cpu: '2' });
  book.set({ namespace: 'other' }, { cpu: '9' });
  book.set({ name: 'web-2' }, { cpu: '9' });
  expect(shown(pod({ 'kubedouble.dev/cpu-usage': '250m' }))).toEqual({ main: '1 1Gi', side: '2 1Gi' });
  book.clear();
  expect(shown(pod())).toEqual({ main: '25m 20Mi', side: '1m 10Mi' });
  expect(() => book.set({}, { cpu: 'much' })).toThrow();
});
