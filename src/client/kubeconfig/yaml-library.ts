// The YAML library, with bounds, for files that somebody names: some texts would keep it busy for ever.
// In a file of its own to be loaded late: a bundler gives a late import of the package itself no named exports.
import { parse as parseYaml } from 'yaml';

/** The longest text that is read, in characters. */
const longest = 3 * 1024 * 1024;
/** The most brackets that may be open: what is nested very deeply takes minutes. */
const deepest = 100;

/** The text is more than any file of configuration would be; `message` says how, as the end of a sentence. */
export class YamlBoundError extends Error {}

/**
 * The value of a YAML text. Throws YamlBoundError for one that is too long or too deep or has aliases (one that is part of what it stands for
 * would never end), and the library's errors for what is no YAML.
 */
export function parse(text: string, options: { readonly version?: '1.1' | '1.2'; readonly merge?: boolean } = {}): unknown {
  if (text.length > longest) throw new YamlBoundError(`is longer than ${longest} characters`);
  if (isDeep(text)) throw new YamlBoundError(`is nested deeper than ${deepest} levels`);
  try {
    return parseYaml(text, { ...options, maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof ReferenceError) throw new YamlBoundError('has aliases, which are not taken');
    throw error;
  }
}

/** Whether there are so many brackets open. Brackets in texts count as well, which nobody has so many of. */
function isDeep(text: string): boolean {
  let open = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x5b || character === 0x7b) {
      if (++open > deepest) return true;
    } else if ((character === 0x5d || character === 0x7d) && open > 0) open--;
  }
  return false;
}
