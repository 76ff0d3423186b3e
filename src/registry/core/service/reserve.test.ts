import type { KubeObject, Mutable } from '../../../apimachinery/object.js';
import type { ServiceAllocator } from '../../kind.js';
import { recordedContext } from '../recorded.js';
import { reserveService } from './reserve.js';

/** Keeps books like a real allocator, over ten addresses and ten ports. */
function allocator(): ServiceAllocator & { readonly addresses: Set<string>; readonly ports: Set<number> } {
  const addresses = new Set<string>();
  const ports = new Set<number>();
  const take = <T>(all: readonly T[], taken: Set<T>, wanted: T | undefined): T | undefined => {
    const one = wanted ?? all.find((free) => !taken.has(free));
    if (one === undefined || taken.has(one) || !all.includes(one)) return undefined;
    taken.add(one);
    return one;
  };
  const allAddresses = Array.from({ length: 10 }, (_, index) => `10.96.0.${index + 1}`);
  const allPorts = Array.from({ length: 10 }, (_, index) => 30000 + index);
  return {
    addresses,
    ports,
    takeAddress: (wanted) => take(allAddresses, addresses, wanted),
    releaseAddress: (address) => void addresses.delete(address),
    takeNodePort: (wanted) => take(allPorts, ports, wanted),
    releaseNodePort: (port) => ports.delete(port),
  };
}

const owner = { namespace: 'default', name: 's' };
const service = (spec: object): Mutable => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
const asObject = (draft: Mutable): KubeObject => structuredClone(draft) as unknown as KubeObject;

test('a service gets an address and node ports, and gives them back when it goes', async () => {
  const books = allocator();
  const context = recordedContext(books);
  const ports = [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
    { port: 80, protocol: 'TCP' },
  ];
  const draft = service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports });
  const reservation = await reserveService(draft, undefined, context);
  expect(reservation.errors).toEqual([]);
  await reservation.commit();
  const spec = draft['spec'] as { clusterIP: string; clusterIPs: string[]; healthCheckNodePort: number; ports: { nodePort: number }[] };
  expect(spec.clusterIPs).toEqual([spec.clusterIP]);
  // TCP and UDP of one port share a node port.
  expect(spec.ports[0]!.nodePort).toBe(spec.ports[1]!.nodePort);
  expect(books.addresses.size).toBe(1);
  expect(books.ports.size).toBe(3);
  await (await reserveService(undefined, asObject(draft), context)).commit();
  expect([books.addresses.size, books.ports.size]).toEqual([0, 0]);
});

test('a write that fails gives back what it took, and only that', async () => {
  const books = allocator();
  books.takeNodePort(30005);
  const context = recordedContext(books);
  const draft = service({
    type: 'NodePort',
    ports: [
      { port: 80, protocol: 'TCP' },
      { port: 81, protocol: 'TCP', nodePort: 30005 },
    ],
  });
  const reservation = await reserveService(draft, undefined, context);
  expect(reservation.errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
    'spec.ports[1].nodePort: Invalid value: 30005: provided port is already allocated',
  ]);
  await reservation.rollback();
  expect([books.addresses.size, [...books.ports]]).toEqual([0, [30005]]);
});

test('a change keeps what it keeps, takes what is new and frees what is gone', async () => {
  const books = allocator();
  const context = recordedContext(books);
  const first = service({ type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }] });
  await (await reserveService(first, undefined, context)).commit();
  const old = asObject(first);
  const { clusterIP, clusterIPs } = first['spec'] as { clusterIP: string; clusterIPs: string[] };
  const second = service({ type: 'NodePort', clusterIP, clusterIPs, ports: [{ port: 80, protocol: 'TCP', nodePort: 30007 }] });
  const reservation = await reserveService(second, old, context);
  expect(reservation.errors).toEqual([]);
  await reservation.commit();
  expect([[...books.addresses], [...books.ports]]).toEqual([[clusterIP], [30007]]);
  const third = service({ type: 'ExternalName', externalName: 'a.b' });
  await (await reserveService(third, asObject(second), context)).commit();
  expect([books.addresses.size, books.ports.size]).toEqual([0, 0]);
});

test('a taken or foreign address is refused, and none is given when all are taken', async () => {
  const books = allocator();
  const context = recordedContext(books);
  void books.takeAddress('10.96.0.1', owner);
  const wanted = async (address: string): Promise<readonly string[]> => {
    const { errors } = await reserveService(service({ type: 'ClusterIP', clusterIP: address, clusterIPs: [address] }), undefined, context);
    return errors.map(({ message }) => message);
  };
  expect(await wanted('10.96.0.1')).toEqual([
    'Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
  ]);
  while (books.takeAddress(undefined, owner) !== undefined);
  const full = await reserveService(service({ type: 'ClusterIP' }), undefined, context);
  expect(full.errors[0]?.message).toContain('range is full');
  const headless = await reserveService(service({ type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'] }), undefined, context);
  expect(headless.errors).toEqual([]);
});
