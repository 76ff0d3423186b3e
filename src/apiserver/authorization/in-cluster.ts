// How a program in a pod reaches its cluster's API server: `connectionInfo: {type: InClusterConfig}` of a webhook authorizer.
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
import { readFile } from 'node:fs/promises';
import type { ClientConfig } from '../../client/kubeconfig/kubeconfig.js';

const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
const reviews = '/apis/authorization.k8s.io';

/** @param environment of the process. Rejects with an Error outside of pods. */
export async function inClusterConfig(version: string, environment = process.env, mounted = folder): Promise<ClientConfig> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = environment;
  if (host === '' || port === '')
    throw new Error('unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}${reviews}/${version}/subjectaccessreviews`,
    certificateAuthority: await readFile(`${mounted}/ca.crt`, 'utf8'),
    tokenFile: `${mounted}/token`,
  };
}
