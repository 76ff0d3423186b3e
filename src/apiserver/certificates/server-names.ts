// The names and addresses that the server's certificate is good for.
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CertificateError } from './certificate-error.js';
import { isDnsName, shortAddress } from './check.js';

/** What every API server of a cluster is called, and its address inside. https://kubernetes.io/docs/setup/best-practices/certificates/ */
const always: readonly string[] = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '::1',
  '10.96.0.1',
];

/** All names for a server listening on this address. Throws {@link CertificateError} for an extra name that is none. */
export function serverNames(bindAddress: string | undefined, extraNames: readonly string[] = []): readonly string[] {
  const names = new Set(always);
  if (bindAddress !== undefined && !isUnspecified(bindAddress)) names.add(shortAddress(bindAddress));
  else if (bindAddress !== undefined) for (const address of machineAddresses()) names.add(address);
  for (const name of extraNames) {
    if (isIP(name) === 0 && !isDnsName(name))
      throw new CertificateError(
        `${JSON.stringify(name)} is neither a DNS name nor an IP address: a server certificate cannot be made for it`,
      );
    names.add(shortAddress(name));
  }
  return [...names];
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::' || address === '';
}

/** The addresses of this machine's interfaces, without loopback and link-local ones. */
function machineAddresses(): readonly string[] {
  const addresses: string[] = [];
  for (const list of Object.values(networkInterfaces()))
    for (const { address, internal } of list ?? [])
      if (!internal && !address.toLowerCase().startsWith('fe80:')) addresses.push(shortAddress(address));
  return addresses;
}
