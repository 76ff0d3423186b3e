// Warnings of ports that stand in each other's way. https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
import type { Container, ContainerPort, PodSpec } from '../../../../openapi/types/core.v1.js';

interface Seen {
  readonly at: string;
  readonly port: ContainerPort;
}

/** How two ports of one number and protocol collide; undefined when they do not. */
function collision(one: ContainerPort, other: ContainerPort): string | undefined {
  const { hostPort = 0, hostIP = '' } = one;
  const { hostPort: otherPort = 0, hostIP: otherAddress = '' } = other;
  if (hostPort === otherPort && hostIP === otherAddress) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  return hostPort === otherPort && (hostIP === '' || otherAddress === '') ? 'dangerously ambiguous' : undefined;
}

function shown({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol ?? ''} HostIP:${hostIP}}`;
}

/** Whether there is no more than one port in all, without an address of its own. */
function isSinglePort({ containers, initContainers }: PodSpec): boolean {
  let ports = 0;
  for (const list of [initContainers, containers]) {
    for (const container of list ?? []) {
      for (const { hostIP } of container.ports ?? []) if (hostIP || ++ports > 1) return false;
    }
  }
  return true;
}

/** Warnings of the ports of all containers of a spec at `field`, then of their names. */
export function portWarnings(field: string, spec: PodSpec): string[] {
  const warnings: string[] = [];
  if (isSinglePort(spec)) return warnings;
  const byNumber = new Map<string, Seen[]>();
  const named: { readonly at: string; readonly container: string; readonly name: string }[] = [];
  const visit = (list: string, containers: readonly Container[] | undefined): void =>
    containers?.forEach(({ ports }, index) => {
      ports?.forEach((port, portIndex) => {
        const container = `${field}.${list}[${index}]`;
        const at = `${container}.ports[${portIndex}]`;
        if (port.hostIP && !port.hostPort) warnings.push(`${at}: hostIP set without hostPort: ${shown(port)}`);
        const key = `${port.protocol}/${port.containerPort}`;
        const before = byNumber.get(key) ?? [];
        for (const other of before) {
          const how = collision(port, other.port);
          if (how !== undefined) warnings.push(`${at}: ${how} port definition with ${other.at}`);
        }
        before.push({ at, port });
        byNumber.set(key, before);
        if (port.name) named.push({ at, container, name: port.name });
      });
    });
  visit('initContainers', spec.initContainers);
  visit('containers', spec.containers);
  const first = new Map<string, { readonly at: string; readonly container: string }>();
  for (const { at, container, name } of named) {
    const before = first.get(name);
    if (before === undefined) first.set(name, { at, container });
    else if (before.container !== container) {
      const use = `services and probes that select ports by name will use ${before.at}`;
      warnings.push(`${at}: duplicate port name ${JSON.stringify(name)} with ${before.at}, ${use}`);
    }
  }
  return warnings;
}
