// The certificates a cluster needs: made once, kept in a folder (or in memory), reused.
import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { certificateIn, checkAuthority, checkLeaf, coversAll, keyIn, namesOf } from './check.js';
import { openFolder, type CertificateFolder } from './folder.js';
import type { KeyPair } from './key-pair.js';
import { serverNames } from './server-names.js';
import { makeServiceAccountKeys, readServiceAccountKeys, type ServiceAccountKeyPair } from './service-account-keys.js';
import { newKey, selfSign, signLeaf } from './signing.js';

export type { KeyPair } from './key-pair.js';
export type { ServiceAccountKeyPair } from './service-account-keys.js';

/** https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#ca-reusage-and-conflicts */
export interface FrontProxy {
  /** An authority for proxies alone, PEM: its certificates let their holder name users. */
  readonly authority: string;
  /** `CN=front-proxy-client`. */
  readonly client: KeyPair;
}

/** All that the cluster's parts prove themselves with. */
export interface ClusterCertificates {
  /** The cluster's own authority: signs server and client certificates, checks clients. */
  readonly ca: KeyPair;
  /** What the API server shows. */
  readonly server: KeyPair;
  /** `CN=kubernetes-admin, O=kubeadm:cluster-admins`, as kubeadm's admin.conf. */
  readonly admin: KeyPair;
  /** What the server proves itself with to the API servers that it sends requests on to. */
  readonly frontProxy: FrontProxy;
  /**
   * Signs service account tokens. A promise, because making an RSA key takes up to 0.3 s on another thread, once in a folder's life,
   * and nothing waits for it but the first token.
   */
  readonly serviceAccount: Promise<ServiceAccountKeyPair>;
}

export interface CertificateOptions {
  /** Where the files are kept; made when missing. Absent: nothing touches the disk. */
  readonly folder?: string;
  /** The address the server listens on. For `0.0.0.0` and `::` all addresses of the machine are named. */
  readonly bindAddress?: string;
  /** More DNS names and IP addresses of the server certificate. */
  readonly extraNames?: readonly string[];
  /** Give the real clock: clients check certificates with their own system's time, however fast the cluster's runs. */
  readonly clock: Clock;
  readonly random: Random;
}

const day = 24 * 60 * 60 * 1000;
/** A certificate is made anew when it has less than this left. */
const renewBefore = 30 * day;

/**
 * Reads the cluster's certificates from the folder, makes what is missing, remakes the server's and the admin's
 * certificates when a name is missing or they are near their end. Several processes may do this at once in one folder.
 * Rejects with {@link CertificateError} for a folder that cannot be used as it is, when nothing writes into it any more.
 *
 * There is no lock that a crash could leave behind: a key is created only if it is not there, and whoever comes second takes
 * the key of the first; a certificate always belongs to the key that lies there, so any two writers' certificates fit.
 */
export async function loadClusterCertificates(options: CertificateOptions): Promise<ClusterCertificates> {
  const folder = options.folder === undefined ? undefined : await openFolder(options.folder, options.random);
  const known = await readServiceAccountKeys(folder);
  const ca = await loadAuthority(folder, clusterAuthority, options);
  const names = serverNames(options.bindAddress, options.extraNames);
  const loading = [loadServer(folder, ca, names, options), loadAdmin(folder, ca, options), loadFrontProxy(folder, options)] as const;
  // Whoever is told of a failure may empty the folder: nothing writes into it any more then.
  await Promise.allSettled(loading);
  const [server, admin, frontProxy] = await Promise.all(loading);
  // Last, so that it does not take the processor from the rest.
  const serviceAccount = known === undefined ? makeServiceAccountKeys(folder) : Promise.resolve(known);
  return { ca, server, admin, frontProxy, serviceAccount };
}

/** An authority's place in the folder, its subject, and the certificates that it signs. */
interface AuthorityPlace {
  readonly file: string;
  readonly name: string;
  readonly leaves: readonly string[];
}

const clusterAuthority: AuthorityPlace = { file: 'ca', name: 'kubernetes', leaves: ['apiserver.crt', 'admin.crt'] };
const proxyAuthority: AuthorityPlace = { file: 'front-proxy-ca', name: 'front-proxy-ca', leaves: ['front-proxy-client.crt'] };

async function loadAuthority(
  folder: CertificateFolder | undefined,
  { file, name, leaves }: AuthorityPlace,
  options: CertificateOptions,
): Promise<KeyPair> {
  if (folder === undefined) return makeAuthority(newKey(), name, options);
  const [certificateFile, keyFile] = [`${file}.crt`, `${file}.key`];
  // Certificates are looked for before the authority, which is always written before them: then a missing authority is really missing.
  const signed = await folder.has(...leaves);
  let key = await folder.read(keyFile);
  const certificate = await folder.read(certificateFile);
  if (key === undefined && certificate !== undefined) throw folder.missing(keyFile, certificateFile);
  if (key === undefined && signed !== undefined) throw folder.missing(keyFile, signed);
  if (key !== undefined && certificate !== undefined) return checkAuthority(folder.name, { certificate, key }, options.clock.now(), file);
  key ??= await folder.create(keyFile, newKey());
  keyIn(folder.path(keyFile), key);
  const made = await makeAuthority(key, name, options);
  const kept = await folder.create(certificateFile, made.certificate);
  return checkAuthority(folder.name, { certificate: kept, key }, options.clock.now(), file);
}

async function makeAuthority(key: string, name: string, { clock, random }: CertificateOptions): Promise<KeyPair> {
  const certificate = await selfSign(key, { name, days: 3650 }, { clock, random });
  return { certificate, key };
}

async function loadFrontProxy(folder: CertificateFolder | undefined, options: CertificateOptions): Promise<FrontProxy> {
  const authority = await loadAuthority(folder, proxyAuthority, options);
  const client = await loadLeaf(folder, 'front-proxy-client', authority, options, {
    authorityName: proxyAuthority.file,
    good: () => true,
    make: (key) => signLeaf(authority, key, { name: 'front-proxy-client', usages: clientUsages, days: 365 }, options),
  });
  return { authority: authority.certificate, client };
}

async function loadServer(
  folder: CertificateFolder | undefined,
  ca: KeyPair,
  names: readonly string[],
  options: CertificateOptions,
): Promise<KeyPair> {
  return loadLeaf(folder, 'apiserver', ca, options, {
    good: (old) => coversAll(old, names),
    // Names of earlier starts stay, so that two servers on one folder do not replace each other's certificate in turn.
    make: (key, old) =>
      signLeaf(ca, key, { name: 'kube-apiserver', usages: serverUsages, names: withKnown(names, old), days: 365 }, options),
  });
}

const clientUsages = ['digital signature', 'key encipherment', 'client auth'];
const serverUsages = ['digital signature', 'key encipherment', 'server auth'];
const mostNames = 100;

function withKnown(names: readonly string[], old: X509Certificate | undefined): readonly string[] {
  return old === undefined ? names : [...new Set([...names, ...namesOf(old)])].slice(0, Math.max(mostNames, names.length));
}

async function loadAdmin(folder: CertificateFolder | undefined, ca: KeyPair, options: CertificateOptions): Promise<KeyPair> {
  return loadLeaf(folder, 'admin', ca, options, {
    good: () => true,
    make: (key) =>
      signLeaf(ca, key, { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins'], usages: clientUsages, days: 365 }, options),
  });
}

interface Leaf {
  /** Of the files of the authority that signs it; `ca` when absent. */
  readonly authorityName?: string;
  good(old: X509Certificate): boolean;
  make(key: string, old: X509Certificate | undefined): Promise<string>;
}

async function loadLeaf(
  folder: CertificateFolder | undefined,
  name: string,
  ca: KeyPair,
  options: CertificateOptions,
  leaf: Leaf,
): Promise<KeyPair> {
  if (folder === undefined) {
    const key = newKey();
    return { certificate: await leaf.make(key, undefined), key };
  }
  const [certificateFile, keyFile] = [`${name}.crt`, `${name}.key`];
  // In this order: the key is always written first.
  const certificate = await folder.read(certificateFile);
  let key = await folder.read(keyFile);
  if (key === undefined && certificate !== undefined) throw folder.missing(keyFile, certificateFile);
  key ??= await folder.create(keyFile, newKey());
  keyIn(folder.path(keyFile), key);
  let old: X509Certificate | undefined;
  if (certificate !== undefined) {
    old = certificateIn(folder.path(certificateFile), certificate);
    checkLeaf(folder, name, old, key, ca, leaf.authorityName);
    if (Date.parse(old.validTo) - options.clock.now() > renewBefore && leaf.good(old)) return { certificate, key };
  }
  const made = await leaf.make(key, old);
  await folder.replace(certificateFile, made);
  return { certificate: made, key };
}
