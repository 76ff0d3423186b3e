// Cluster addresses and node ports of a Service: taken with the write, given back when it fails.
// https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import type { ServicePort, ServiceSpec } from '../../../../openapi/types/core.v1.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../../apimachinery/object.js';
import type { Reservation, ServiceAllocator, StrategyContext } from '../../kind.js';
import {
  asService,
  isHeadless,
  mayHaveNodePorts,
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePorts,
  specOf,
  type SpecDraft,
} from './shape.js';

const nothing: ServiceSpec = {};

/** The addresses that a spec holds. */
function addressesOf(spec: ServiceSpec): readonly string[] {
  return needsClusterIP(spec) && !isHeadless(spec) ? (spec.clusterIPs ?? []).filter((address) => address !== '') : [];
}

/** The node ports that a spec holds, each once: TCP and UDP may share one. */
function nodePortsOf(spec: ServiceSpec): ReadonlySet<number> {
  const ports = new Set<number>();
  if (mayHaveNodePorts(spec)) for (const { nodePort } of spec.ports ?? []) if (nodePort) ports.add(nodePort);
  if (needsHealthCheckNodePort(spec) && spec.healthCheckNodePort) ports.add(spec.healthCheckNodePort);
  return ports;
}

/** What one write takes and frees. */
class Ledger {
  readonly errors: FieldError[] = [];
  private readonly addresses: string[] = [];
  private readonly ports: number[] = [];

  constructor(private readonly services: ServiceAllocator) {}

  address(wanted: string | undefined): string | undefined {
    const taken = this.services.takeAddress(wanted);
    if (taken !== undefined) this.addresses.push(taken);
    return taken;
  }

  port(wanted: number | undefined): number | undefined {
    const taken = this.services.takeNodePort(wanted);
    if (taken !== undefined) this.ports.push(taken);
    return taken;
  }

  rollback(): void {
    for (const address of this.addresses.splice(0)) this.services.releaseAddress(address);
    for (const port of this.ports.splice(0)) this.services.releaseNodePort(port);
  }
}

function takeAddresses(ledger: Ledger, spec: SpecDraft, old: ServiceSpec, services: ServiceAllocator): void {
  if (!needsClusterIP(spec) || isHeadless(spec)) return;
  const held = new Set(addressesOf(old));
  const wanted = spec.clusterIPs ?? [];
  if (wanted.length === 0) {
    const address = ledger.address(undefined);
    if (address === undefined) {
      ledger.errors.push(invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full'));
      return;
    }
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  for (const address of wanted) {
    if (held.has(address) || ledger.address(address) !== undefined) continue;
    const why = services.addressProblem?.(address) ?? 'provided IP is already allocated';
    ledger.errors.push(invalid('spec.clusterIPs', wanted, `failed to allocate IP ${address}: ${why}`));
  }
}

function takePorts(ledger: Ledger, spec: SpecDraft, old: ServiceSpec, services: ServiceAllocator): void {
  if (!mayHaveNodePorts(spec)) return;
  const held = nodePortsOf(old);
  /** Protocols by node port of this write: one number serves several protocols, not one protocol twice. */
  const used = new Map<number, Set<string>>();
  const ports = (spec.ports ?? []).map((port): ServicePort => ({ ...port }));
  const note = (port: number, protocol: string): boolean => {
    const protocols = used.get(port) ?? new Set();
    const free = !protocols.has(protocol);
    used.set(port, protocols.add(protocol));
    return free;
  };
  ports.forEach(({ nodePort, protocol = 'TCP' }, index) => {
    if (!nodePort) return;
    const known = used.has(nodePort) || held.has(nodePort);
    const free = note(nodePort, protocol);
    if (free && (known || ledger.port(nodePort) !== undefined)) return;
    const why = (free ? services.nodePortProblem?.(nodePort) : undefined) ?? 'provided port is already allocated';
    ledger.errors.push(invalid(`spec.ports[${index}].nodePort`, nodePort, why));
  });
  if (needsNodePorts(spec)) {
    ports.forEach((port, index) => {
      if (port.nodePort) return;
      const twin = ports.find((one) => one.port === port.port && one.protocol !== port.protocol && one.nodePort)?.nodePort;
      const shared = twin !== undefined && note(twin, port.protocol ?? 'TCP') ? twin : undefined;
      const nodePort = shared ?? ledger.port(undefined);
      if (nodePort === undefined)
        ledger.errors.push(invalid(`spec.ports[${index}].nodePort`, 0, 'failed to allocate a nodePort: range is full'));
      else {
        if (shared === undefined) note(nodePort, port.protocol ?? 'TCP');
        ports[index] = { ...port, nodePort };
      }
    });
  }
  spec.ports = ports;
}

function takeHealthCheckPort(ledger: Ledger, spec: SpecDraft, old: ServiceSpec, services: ServiceAllocator): void {
  if (!needsHealthCheckNodePort(spec)) return;
  const wanted = spec.healthCheckNodePort || undefined;
  if (wanted !== undefined && needsHealthCheckNodePort(old) && old.healthCheckNodePort === wanted) return;
  const port = ledger.port(wanted);
  if (port !== undefined) spec.healthCheckNodePort = port;
  else {
    const why = (wanted === undefined ? undefined : services.nodePortProblem?.(wanted)) ?? 'provided port is already allocated';
    ledger.errors.push({
      field: 'spec.healthCheckNodePort',
      reason: 'InternalError',
      message: `Internal error: failed to allocate requested HealthCheck NodePort ${wanted ?? 0}: ${why}`,
    });
  }
}

/** The `reserve` hook of services. */
export function reserveService(draft: Mutable | undefined, object: KubeObject | undefined, context: StrategyContext): Reservation {
  const { services } = context;
  const old = object === undefined ? nothing : (asService(object).spec ?? nothing);
  const ledger = new Ledger(services);
  if (draft !== undefined) {
    const spec = specOf(draft);
    takeAddresses(ledger, spec, old, services);
    takePorts(ledger, spec, old, services);
    takeHealthCheckPort(ledger, spec, old, services);
  }
  return {
    errors: ledger.errors,
    commit: () => {
      const spec = draft === undefined ? nothing : specOf(draft);
      const addresses = new Set(addressesOf(spec));
      const ports = nodePortsOf(spec);
      for (const address of addressesOf(old)) if (!addresses.has(address)) services.releaseAddress(address);
      for (const port of nodePortsOf(old)) if (!ports.has(port)) services.releaseNodePort(port);
    },
    rollback: () => ledger.rollback(),
  };
}
