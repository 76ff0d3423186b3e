// For tests: the recorded facts, and texts given by the test in place of those of the build.
import { factsOfFolder, type OpenApiFacts } from '../definitions.js';

/** The facts of `openapi/`; `texts` by file, such as `texts/api_v1.json`. */
export function factsWith(texts: Readonly<Record<string, unknown>> = {}): OpenApiFacts {
  const facts = factsOfFolder('openapi');
  return {
    read: (file) => {
      if (!file.startsWith('texts/')) return facts.read(file);
      return file in texts ? JSON.stringify(texts[file]) : undefined;
    },
  };
}
