// Cluster addresses and node ports of a Service: taken with the write, given back when it fails.
// https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import type { ServicePort, ServiceSpec } from '../../../../openapi/types/core.v1.js';
import { internalError } from '../../../apimachinery/errors/api-error.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../../apimachinery/object.js';
import type { AddressOwner, Reservation, StrategyContext } from '../../kind.js';
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
import { settleFamilies } from './prepare.js';
import { addressChangeErrors, addressRuleErrors } from './address-rules.js';

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
  /** Why the write cannot go on at all. */
  failure: string | undefined;
  private readonly addresses: string[] = [];
  private readonly ports: number[] = [];

  constructor(
    readonly context: StrategyContext,
    private readonly owner: AddressOwner,
  ) {}

  async address(wanted: string | undefined): Promise<string | undefined> {
    const { services, dryRun } = this.context;
    const taken = await services.takeAddress(wanted, this.owner, dryRun);
    if (taken !== undefined && !dryRun) this.addresses.push(taken);
    return taken;
  }

  port(wanted: number | undefined): number | undefined {
    const taken = this.context.services.takeNodePort(wanted);
    if (taken !== undefined) this.ports.push(taken);
    return taken;
  }

  async rollback(): Promise<void> {
    const { services } = this.context;
    for (const port of this.ports.splice(0)) services.releaseNodePort(port);
    for (const address of this.addresses.splice(0)) await services.releaseAddress(address);
  }
}

async function takeAddresses(ledger: Ledger, spec: SpecDraft, old: ServiceSpec): Promise<void> {
  if (!needsClusterIP(spec) || isHeadless(spec)) return;
  const held = new Set(addressesOf(old));
  const wanted = (spec.clusterIPs ?? []).filter((address) => address !== '');
  if (wanted.length === 0) {
    const address = await ledger.address(undefined);
    if (address === undefined) {
      ledger.errors.push(invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full'));
      return;
    }
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return;
  }
  const { services, dryRun } = ledger.context;
  for (const address of wanted) {
    if (held.has(address) || (await ledger.address(address)) !== undefined) continue;
    const why = (await services.addressProblem?.(address, dryRun)) ?? 'provided IP is already allocated';
    ledger.errors.push(invalid('spec.clusterIPs', wanted, `failed to allocate IP ${address}: ${why}`));
  }
}

/** Protocols by node port of one write: one number serves several protocols, not one protocol twice. */
class PortUse {
  private readonly protocols = new Map<number, Set<string>>();

  has(port: number): boolean {
    return this.protocols.has(port);
  }

  /** Notes a use; false when the protocol has the port already. */
  note(port: number, protocol: string): boolean {
    const protocols = this.protocols.get(port) ?? new Set();
    const free = !protocols.has(protocol);
    this.protocols.set(port, protocols.add(protocol));
    return free;
  }
}

/** Stops at the first port that cannot be had. */
function takePorts(ledger: Ledger, spec: SpecDraft, old: ServiceSpec): void {
  if (!mayHaveNodePorts(spec)) return;
  const { services, dryRun } = ledger.context;
  const held = nodePortsOf(old);
  const used = new PortUse();
  const ports = (spec.ports ?? []).map((port): ServicePort => ({ ...port }));
  for (const [index, { nodePort, protocol = 'TCP' }] of ports.entries()) {
    if (!nodePort) continue;
    const known = used.has(nodePort) || held.has(nodePort);
    const free = used.note(nodePort, protocol);
    if (free && (known || ledger.port(nodePort) !== undefined)) continue;
    const why = (free ? services.nodePortProblem?.(nodePort) : undefined) ?? 'provided port is already allocated';
    // A dry run knows which ports are taken, not which there are.
    if (dryRun && !why.endsWith('allocated')) continue;
    ledger.errors.push(invalid(`spec.ports[${index}].nodePort`, nodePort, why));
    return;
  }
  if (needsNodePorts(spec)) giveOutPorts(ledger, ports, used);
  spec.ports = ports;
}

function giveOutPorts(ledger: Ledger, ports: ServicePort[], used: PortUse): void {
  for (const [index, port] of ports.entries()) {
    if (port.nodePort) continue;
    const twin = ports.find((one) => one.port === port.port && one.protocol !== port.protocol && one.nodePort)?.nodePort;
    const shared = twin !== undefined && used.note(twin, port.protocol ?? 'TCP') ? twin : undefined;
    const nodePort = shared ?? ledger.port(undefined);
    if (nodePort === undefined) {
      ledger.errors.push(invalid(`spec.ports[${index}].nodePort`, 0, 'failed to allocate a nodePort: range is full'));
      return;
    }
    if (shared === undefined) used.note(nodePort, port.protocol ?? 'TCP');
    ports[index] = { ...port, nodePort };
  }
}

function takeHealthCheckPort(ledger: Ledger, spec: SpecDraft, old: ServiceSpec): void {
  if (!needsHealthCheckNodePort(spec)) return;
  const { services, dryRun } = ledger.context;
  const wanted = spec.healthCheckNodePort || undefined;
  // Once given it does not change; validation says so.
  if (needsHealthCheckNodePort(old) && old.healthCheckNodePort) return;
  const port = ledger.port(wanted);
  if (port !== undefined) {
    spec.healthCheckNodePort = port;
    return;
  }
  if (wanted === undefined) {
    ledger.failure = 'failed to allocate a HealthCheck NodePort: range is full';
    return;
  }
  const why = services.nodePortProblem?.(wanted) ?? 'provided port is already allocated';
  if (dryRun && !why.endsWith('allocated')) return;
  ledger.failure = `failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`;
}

/** The `reserve` hook of services. Throws 500 when a health check's port cannot be had, as the real server does. */
export async function reserveService(
  draft: Mutable | undefined,
  object: KubeObject | undefined,
  context: StrategyContext,
): Promise<Reservation> {
  const { services } = context;
  const old = object === undefined ? nothing : (asService(object).spec ?? nothing);
  const { namespace = '', name = '' } = (draft === undefined ? object?.metadata : asService(draft).metadata) ?? {};
  const ledger = new Ledger(context, { namespace, name });
  if (draft !== undefined) {
    const spec = specOf(draft);
    // With the addresses: a new service that comes by way of its status gets neither.
    if (object === undefined) settleFamilies(spec, undefined);
    const broken = addressRuleErrors(spec);
    // Of a new service these are told alone; of a change together with the other rules.
    if (object === undefined) ledger.errors.push(...broken);
    // What may not change is not looked for: validation refuses it.
    const stays = object === undefined || addressChangeErrors(spec, old).length === 0;
    if (broken.length === 0 && stays) await takeAddresses(ledger, spec, old);
    if (ledger.errors.length === 0) takePorts(ledger, spec, old);
    if (ledger.errors.length === 0) takeHealthCheckPort(ledger, spec, old);
  }
  if (ledger.failure !== undefined) {
    await ledger.rollback();
    throw internalError(ledger.failure);
  }
  return {
    errors: ledger.errors,
    commit: async () => {
      const spec = draft === undefined ? nothing : specOf(draft);
      const addresses = new Set(addressesOf(spec));
      const ports = nodePortsOf(spec);
      for (const port of nodePortsOf(old)) if (!ports.has(port)) services.releaseNodePort(port);
      for (const address of addressesOf(old)) if (!addresses.has(address)) await services.releaseAddress(address);
    },
    rollback: () => ledger.rollback(),
  };
}
