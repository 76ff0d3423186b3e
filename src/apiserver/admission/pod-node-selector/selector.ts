// Selectors of nodes as PodNodeSelector writes them: `disk=ssd,zone=a`.
import { invalid } from '../../../apimachinery/errors/field-error.js';
import { labelValueProblems, qualifiedNameProblems } from '../../../apimachinery/names/names.js';
import { plainError } from '../pod-requests.js';

/** The labels that a selector asks for; of several values for one, the last. Throws 500 for what is no such selector. */
export function parseNodeSelector(text: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  if (text === '') return labels;
  for (const part of text.split(',')) {
    const words = part.split('=');
    if (words.length !== 2) throw plainError(`invalid selector: [${words.join(' ')}]`);
    const [key, value] = [words[0]!.trim(), words[1]!.trim()];
    refuse('<nil>', key, qualifiedNameProblems(key));
    refuse(`[${key}]`, value, labelValueProblems(value));
    labels.set(key, value);
  }
  return labels;
}

function refuse(field: string, value: string, problems: readonly string[]): void {
  if (problems.length > 0) throw plainError(`${field}: ${invalid(field, value, problems.join('; ')).message}`);
}
