// `--output text|json`.
import { OptionError } from '../cluster/options.js';
import type { Flags } from './flags.js';

export function outputForm(flags: Flags): 'text' | 'json' {
  const form = flags['output'] ?? 'text';
  if (form !== 'text' && form !== 'json') throw new OptionError(`--output must be text or json, not ${JSON.stringify(form)}`);
  return form;
}
