// The recorded stories: requests and what a real v1.36.3 server answered, times made whole seconds by step.
import { readFileSync } from 'node:fs';
import { compileSchemas } from '../../schema/compile.js';
import type { TypeFacts } from '../../schema/facts.js';
import type { SchemaNode } from '../../schema/node.js';
import type { OpenApiDocument } from '../../schema/openapi.js';

export interface StoryStep {
  readonly request: {
    /** `read` only looks at what the server's own controllers made of the object meanwhile. */
    readonly verb: 'read' | 'create' | 'update' | 'apply' | 'json' | 'merge' | 'strategic';
    readonly manager: string;
    readonly body: unknown;
    readonly force?: boolean;
    readonly subresource?: string;
  };
  /** The answer: an object, or a Status. */
  readonly object?: Readonly<Record<string, unknown>>;
  /** The second in which it was asked, when steps before it were left out; else the step's number. */
  readonly second?: number;
  readonly status?: {
    readonly message: string;
    readonly reason?: string;
    readonly code: number;
    readonly details?: { readonly causes?: readonly unknown[] };
  };
}

export interface Story {
  readonly name: string;
  readonly definition: string;
  readonly apiVersion: string;
  /** Fields that the server sets after the books are kept, so they are nobody's. */
  readonly notOwned?: readonly string[];
  readonly steps: readonly StoryStep[];
}

const openapi = new URL('../../../../openapi/', import.meta.url);

function json<T>(url: URL): T {
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

/** Reads a file of one story a line. */
export function readStories(file: string): readonly Story[] {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Story);
}

const documents = [
  'api_v1',
  'apis_apps_v1',
  'apis_rbac.authorization.k8s.io_v1',
  'apis_networking.k8s.io_v1',
  'apis_coordination.k8s.io_v1',
  'apis_apiextensions.k8s.io_v1',
];
const schemas = compileSchemas({
  documents,
  load: (document) => json<OpenApiDocument>(new URL(`schemas/${document}.json`, openapi)),
  facts: () => json<TypeFacts>(new URL('pointers.json', openapi)),
});

export function nodeOf(definition: string): SchemaNode {
  return schemas.schemaFor(definition);
}
