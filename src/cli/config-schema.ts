// The configuration file: its fields, and a clear word for each mistake.
import { Ajv, type ErrorObject } from 'ajv';
import { componentNames, mostInflight, mostNodes, OptionError, type ComponentName } from '../cluster/options.js';
import { levels } from './log.js';
import { serverFields, type ServerSettings } from './server-settings.js';
import { nearest } from './nearest.js';

export interface ConfigFile extends ServerSettings {
  readonly nodes?: number;
  readonly port?: number;
  readonly bind?: string;
  readonly kubeconfig?: string;
  readonly certDir?: string;
  readonly components?: readonly ComponentName[];
  readonly maxRequestsInflight?: number;
  readonly maxMutatingRequestsInflight?: number;
  readonly logLevel?: string;
  /** The path of a KubeSchedulerConfiguration. */
  readonly schedulerConfig?: string;
}

const fields = {
  nodes: { type: 'integer', minimum: 0, maximum: mostNodes },
  port: { type: 'integer', minimum: 0, maximum: 65535 },
  bind: { type: 'string', minLength: 1 },
  kubeconfig: { type: 'string', minLength: 1 },
  certDir: { type: 'string', minLength: 1 },
  components: { type: 'array', items: { type: 'string', enum: componentNames } },
  logLevel: { type: 'string', enum: levels },
  schedulerConfig: { type: 'string', minLength: 1 },
  maxRequestsInflight: { type: 'integer', minimum: 1, maximum: mostInflight },
  maxMutatingRequestsInflight: { type: 'integer', minimum: 1, maximum: mostInflight },
  ...serverFields,
} as const;

const schema = { type: 'object', additionalProperties: false, properties: fields };

/** The value as a configuration. Throws OptionError that names the file, the field and what it takes. */
export function checkConfig(value: unknown, path: string): ConfigFile {
  const validate = new Ajv({ allErrors: true, verbose: true }).compile<ConfigFile>(schema);
  if (validate(value)) return value;
  throw new OptionError(`the configuration file ${path}: ${(validate.errors ?? []).map(explained).join('; ')}`);
}

function unknownField(name: string): string {
  const meant = nearest(name, Object.keys(fields));
  return `there is no field ${JSON.stringify(name)}: ${meant === undefined ? 'docs/configuration.md lists those that there are' : `did you mean ${meant}?`}`;
}

function explained({ keyword, instancePath, params, message, data }: ErrorObject): string {
  const field = instancePath.slice(1).replaceAll('/', '.');
  switch (keyword) {
    case 'additionalProperties':
      return unknownField((params as { additionalProperty: string }).additionalProperty);
    case 'enum':
      return `${field} must be one of ${(params as { allowedValues: readonly string[] }).allowedValues.join(', ')}, not ${JSON.stringify(data)}`;
    case 'type':
      return field === ''
        ? 'it must be a map of fields'
        : `${field} must be of type ${(params as { type: string }).type}, not ${JSON.stringify(data)}`;
    default:
      return `${field} ${message ?? 'is wrong'}, not ${JSON.stringify(data)}`;
  }
}
