// The compiler over this checkout's openapi/ folder, for tests.
import { readdirSync, readFileSync } from 'node:fs';
import { compileSchemas, type Schemas } from '../compile.js';
import type { TypeFacts } from '../facts.js';
import type { OpenApiDocument } from '../openapi.js';

/** A parsed JSON file, by its path from the checkout's root (where Jest runs). */
export function parsedFile<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Compiles from the recorded documents. */
export function recordedSchemas(): Schemas {
  return compileSchemas({
    documents: readdirSync('openapi/schemas')
      .filter((name) => name !== 'v2-definitions.json')
      .map((name) => name.slice(0, -'.json'.length)),
    load: (document) => parsedFile<OpenApiDocument>(`openapi/schemas/${document}.json`),
    facts: () => parsedFile<TypeFacts>('openapi/pointers.json'),
  });
}
