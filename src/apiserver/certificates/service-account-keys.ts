// The key pair behind service account tokens.
import { createPublicKey, generateKeyPair } from 'node:crypto';
import { CertificateError } from './certificate-error.js';
import { keyIn } from './check.js';
import type { CertificateFolder } from './folder.js';

/** Signs and checks service account tokens (RSA 2048), PEM: PKCS#8 and SPKI. */
export interface ServiceAccountKeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * The keys from `sa.key`; undefined when there are none yet, and a file can be made. Rejects with {@link CertificateError} for a file
 * that is no RSA key, or a folder where none can be made.
 */
export async function readServiceAccountKeys(folder: CertificateFolder | undefined): Promise<ServiceAccountKeyPair | undefined> {
  const known = await folder?.read('sa.key');
  if (folder !== undefined && known !== undefined) return pairOf(folder.path('sa.key'), known);
  await folder?.checkWritable();
  return undefined;
}

/** Makes new keys on another thread, and writes them (and `sa.pub` beside, for a real kube-apiserver to use) if no other process was first. */
export function makeServiceAccountKeys(folder: CertificateFolder | undefined): Promise<ServiceAccountKeyPair> {
  const keys = makeKeys(folder);
  // Whoever needs a token gets the error; without this line Node would end the process when nobody does.
  keys.catch(() => undefined);
  return keys;
}

async function makeKeys(folder: CertificateFolder | undefined): Promise<ServiceAccountKeyPair> {
  const made = await newRsaKey();
  if (folder === undefined) return pairOf('sa.key', made);
  const pair = pairOf(folder.path('sa.key'), await folder.create('sa.key', made));
  await folder.replace('sa.pub', pair.publicKey);
  return pair;
}

function newRsaKey(): Promise<string> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength: 2048 }, (error, _publicKey, privateKey) => {
      if (error === null) resolve(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
      else reject(error);
    });
  });
}

function pairOf(path: string, pem: string): ServiceAccountKeyPair {
  const key = keyIn(path, pem);
  if (key.asymmetricKeyType !== 'rsa')
    throw new CertificateError(`${path} is no RSA key: restore it, or remove it so that a new one is made (tokens issued before end then)`);
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}
