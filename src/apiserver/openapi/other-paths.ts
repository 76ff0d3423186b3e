// The paths that are not about objects: discovery, the version, and the issuer of service account tokens.
import { apiPath } from '../../registry/facts.js';
import { capitalized, groupTag, meta, operationGroup, versionTag } from './names.js';
import type { Operation } from './operations.js';
import type { PathModel } from './paths.js';

const native = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

function read(
  path: string,
  tag: string,
  operationId: string,
  definition: string,
  produces: readonly string[],
  consumes = produces,
): PathModel {
  const operation: Operation = {
    method: 'get',
    operationId,
    tag,
    parameters: [],
    consumes,
    produces,
    responses: [
      ['200', definition],
      ['401', undefined],
    ],
  };
  return { path, parameters: [], operations: [operation] };
}

/** `/api/`. */
export const coreVersionsPath = read('/api/', 'core', 'getCoreAPIVersions', `${meta}.APIVersions`, native);

/** `/apis/`. */
export const groupsPath = read('/apis/', 'apis', 'getAPIVersions', `${meta}.APIGroupList`, native);

/** `/apis/apps/`. */
export function groupPath(group: string): PathModel {
  const tag = groupTag(group);
  return read(`/apis/${group}/`, tag, `get${capitalized(tag)}APIGroup`, `${meta}.APIGroup`, native);
}

/** `/apis/apps/v1/`. */
export function versionPath(group: string, version: string): PathModel {
  const operationId = `get${operationGroup(group, version)}APIResources`;
  return read(`${apiPath(group, version)}/`, versionTag(group, version), operationId, `${meta}.APIResourceList`, native);
}

/** Documents with one path each, by their name in the index of version 3. */
export const single: ReadonlyMap<string, PathModel> = new Map([
  [
    '.well-known/openid-configuration',
    read(
      '/.well-known/openid-configuration/',
      'WellKnown',
      'getServiceAccountIssuerOpenIDConfiguration',
      'string',
      ['application/json'],
      [],
    ),
  ],
  ['openid/v1/jwks', read('/openid/v1/jwks/', 'openid', 'getServiceAccountIssuerOpenIDKeyset', 'string', ['application/jwk-set+json'], [])],
  ['version', read('/version/', 'version', 'getCodeVersion', 'io.k8s.apimachinery.pkg.version.Info', ['application/json'])],
]);

const text = { type: 'string' };
const requiredText = { type: 'string', default: '' };

/** The definitions of the document `version`. */
export const versionInfo: Readonly<Record<string, unknown>> = {
  'io.k8s.apimachinery.pkg.version.Info': {
    type: 'object',
    required: ['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform'],
    properties: {
      buildDate: requiredText,
      compiler: requiredText,
      emulationMajor: text,
      emulationMinor: text,
      gitCommit: requiredText,
      gitTreeState: requiredText,
      gitVersion: requiredText,
      goVersion: requiredText,
      major: requiredText,
      minCompatibilityMajor: text,
      minCompatibilityMinor: text,
      minor: requiredText,
      platform: requiredText,
    },
  },
};
