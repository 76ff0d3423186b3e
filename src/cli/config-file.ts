// Reads the configuration file. Loaded when there is one: YAML and JSON Schema take their time at every start.
import { readFileSync } from 'node:fs';
import { YAMLParseError } from 'yaml';
import { parse, YamlBoundError } from '../client/kubeconfig/yaml-library.js';
import { OptionError } from '../cluster/options.js';
import { checkConfig, type ConfigFile } from './config-schema.js';

/** Throws OptionError with one line that names the file and what is wrong. */
export function readConfig(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OptionError(`the configuration file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (error instanceof YamlBoundError) throw new OptionError(`the configuration file ${path} ${error.message}`);
    const where = error instanceof YAMLParseError && error.linePos !== undefined ? ` (line ${error.linePos[0].line})` : '';
    throw new OptionError(
      `the configuration file ${path} is no YAML${where}: ${error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)}`,
    );
  }
  return checkConfig(value ?? {}, path);
}
