// The file of `--authorization-policy-file`: a policy in JSON on each line.
// https://kubernetes.io/docs/reference/access-authn-authz/abac/#policy-file-format
import { readJson } from '../../../apimachinery/codec/json-reader.js';
import { isRecord } from '../../../apimachinery/object.js';
import { jsonName } from '../../authentication/configuration-file.js';

export interface AbacPolicy {
  /** '' for whoever the group says. */
  readonly user: string;
  /** '' for whoever the user says. */
  readonly group: string;
  readonly readonly: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string;
  readonly nonResourcePath: string;
}

/** The file cannot be used; `message` is the real server's. */
export class PolicyFileError extends Error {}

const group = 'abac.authorization.kubernetes.io';
/** As many bytes as the real server reads of one line. */
const longestLine = 65_535;
const everyone = 'system:authenticated';

/** @param path for messages. Throws {@link PolicyFileError} */
export function readPolicyFile(text: string, path: string): readonly AbacPolicy[] {
  const policies: AbacPolicy[] = [];
  let number = 0;
  for (const raw of text.split('\n')) {
    number++;
    if (raw.length > longestLine) throw new PolicyFileError(`error reading policy file ${path}: bufio.Scanner: token too long`);
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const problem = (why: string): PolicyFileError =>
      new PolicyFileError(`error reading policy file ${path}, line ${number}: ${line}: ${why}`);
    policies.push(readPolicy(line, problem));
  }
  return policies;
}

const fields = ['user', 'group', 'readonly', 'apiGroup', 'resource', 'namespace', 'nonResourcePath'] as const;

function readPolicy(line: string, problem: (why: string) => PolicyFileError): AbacPolicy {
  let value: unknown;
  try {
    value = readJson(Buffer.from(line), { literals: false }).value;
  } catch (error) {
    throw problem(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(value))
    throw problem(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(value)} into a policy`);
  const { apiVersion, kind } = value;
  const isOld =
    (apiVersion === undefined || apiVersion === '' || apiVersion === `${group}/v0`) &&
    (kind === undefined || kind === '' || kind === 'Policy');
  if (isOld && (kind === undefined || kind === '' || apiVersion === `${group}/v0`)) return oldPolicy(read(value, 'Policy', problem));
  if (apiVersion !== `${group}/v1beta1` || kind !== 'Policy') {
    throw problem(
      `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  const { spec } = value;
  if (spec !== undefined && spec !== null && !isRecord(spec))
    throw problem(`json: cannot unmarshal ${jsonName(spec)} into Go struct field Policy.spec of type v1beta1.PolicySpec`);
  const policy = read(spec ?? {}, 'PolicySpec.spec', problem);
  // Everyone is whoever has said who they are.
  if (policy.user === '*') return { ...policy, user: '', group: policy.group === '' || policy.group === '*' ? everyone : policy.group };
  return policy.group === '*' ? { ...policy, group: everyone } : policy;
}

function read(of: Readonly<Record<string, unknown>>, where: string, problem: (why: string) => PolicyFileError): AbacPolicy {
  const wrong = (field: string, type: string): PolicyFileError =>
    problem(`json: cannot unmarshal ${jsonName(of[field])} into Go struct field ${where}.${field} of type ${type}`);
  const texts = fields
    .filter((field) => field !== 'readonly')
    .map((field) => {
      const value = of[field] ?? '';
      if (typeof value !== 'string') throw wrong(field, 'string');
      return [field, value] as const;
    });
  const readonly = of['readonly'] ?? false;
  if (typeof readonly !== 'boolean') throw wrong('readonly', 'bool');
  return { ...(Object.fromEntries(texts) as Omit<AbacPolicy, 'readonly'>), readonly };
}

/** The format without a version: what is not said is everything. */
function oldPolicy({ user, group: of, readonly, resource, namespace }: AbacPolicy): AbacPolicy {
  const all = user === '*' || of === '*' || (user === '' && of === '');
  return {
    user: user === '*' ? '' : user,
    group: all ? everyone : of,
    readonly,
    apiGroup: '*',
    resource: resource === '' ? '*' : resource,
    namespace: namespace === '' ? '*' : namespace,
    nonResourcePath: resource === '' && namespace === '' ? '*' : '',
  };
}
