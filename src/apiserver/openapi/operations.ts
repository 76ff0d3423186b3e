// What can be done with a kind, operation by operation, in a form that both versions of OpenAPI are written from.
import { definitionName } from '../../registry/define.js';
import type { Kind, SubresourceFacts } from '../../registry/kind.js';
import { byAction, type ParameterKey } from './parameters.js';
import { capitalized, listDefinition, meta, operationGroup, versionTag } from './names.js';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

/** One method of one path. */
export interface Operation {
  readonly method: Method;
  readonly operationId: string;
  readonly tag: string;
  /** `x-kubernetes-action`; absent on what is not about objects. */
  readonly action?: string;
  readonly groupVersionKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly ParameterKey[];
  /** The definition of the body. */
  readonly body?: { readonly definition: string; readonly required: boolean };
  /** Media types of the body; of a request without one they are only in version 2. */
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  /** Status codes with the definition of their body, `string`, or nothing. */
  readonly responses: readonly (readonly [code: '200' | '201' | '202' | '401', definition: string | undefined])[];
}

const json = ['application/json', 'application/yaml'];
const native = [...json, 'application/vnd.kubernetes.protobuf'];
const streams = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const patches = ['application/json-patch+json', 'application/merge-patch+json'];
const anything = ['*/*'];

/** Resources whose DELETE is published as answering with the object. */
const deletesAnswerObject: ReadonlySet<string> = new Set([
  ...['persistentvolumeclaims', 'persistentvolumes', 'pods', 'podtemplates', 'resourcequotas', 'serviceaccounts', 'services'],
  ...['deviceclasses', 'resourceclaims', 'resourceclaimtemplates', 'resourceslices'].map((name) => `resource.k8s.io/${name}`),
  ...['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments', 'volumeattributesclasses'].map((name) => `storage.k8s.io/${name}`),
]);

/** Writes the operations of one kind. */
export class OperationWriter {
  private readonly custom: boolean;
  private readonly mediaTypes: readonly string[];
  private readonly group: string;
  private readonly scope: string;

  constructor(readonly kind: Kind) {
    this.custom = kind.customSchema !== undefined;
    this.mediaTypes = this.custom ? json : native;
    this.group = operationGroup(kind.group, kind.version);
    this.scope = kind.namespaced ? 'Namespaced' : '';
  }

  list(part: '' | 'ForAllNamespaces'): Operation {
    const scope = part === '' ? this.scope : '';
    return this.operation('get', 'list', `list${this.group}${scope}${this.kind.kind}${part}`, byAction.list, {
      produces: this.custom ? json : [...native, ...streams],
      responses: [['200', listDefinition(this.kind)]],
    });
  }

  /** Creates the kind, or what a subresource such as `token` takes. */
  create(definition = this.kind.definition, suffix = ''): Operation {
    return this.operation('post', 'post', this.id('create', '', suffix), byAction.write, {
      body: { definition, required: true },
      responses: answers(definition, ['200', '201', '202']),
    });
  }

  deleteCollection(): Operation {
    return this.operation(
      'delete',
      'deletecollection',
      this.id('delete', 'Collection'),
      this.custom ? byAction.list : byAction.deletecollection,
      {
        ...(this.custom ? {} : { body: { definition: `${meta}.DeleteOptions`, required: false } }),
        responses: [['200', `${meta}.Status`]],
      },
    );
  }

  /** Get, replace, delete and patch, as far as the verbs go. */
  single(verbs: readonly string[]): readonly Operation[] {
    return [...this.readAndWrite(verbs, this.kind.definition, ''), ...(verbs.includes('delete') ? [this.delete()] : [])];
  }

  subresource(facts: SubresourceFacts): readonly Operation[] {
    const suffix = capitalized(facts.name);
    const { kind } = this;
    const same = facts.kind === kind.kind && facts.group === kind.group && facts.version === kind.version;
    const definition = same ? kind.definition : definitionName(facts.group, facts.version, facts.kind);
    const gvk = this.custom ? {} : { groupVersionKind: { group: facts.group, version: facts.version, kind: facts.kind } };
    if (kind.resource === 'pods' && facts.name === 'log') {
      return [{ ...this.read('string', suffix), produces: ['text/plain', ...native] }];
    }
    const operations = facts.verbs.includes('create')
      ? [this.create(definition, suffix)]
      : this.readAndWrite(facts.verbs, definition, suffix);
    return operations.map((one) => ({ ...one, ...gvk }));
  }

  /** Streams and proxies: the server passes the connection on. */
  connect(facts: SubresourceFacts, methods: readonly Method[], suffix: string): readonly Operation[] {
    return methods.map((method) => ({
      ...this.operation(
        method,
        'connect',
        `connect${this.group}${capitalized(method)}${this.scope}${this.kind.kind}${capitalized(facts.name)}${suffix}`,
        [],
        {
          produces: anything,
          responses: [['200', 'string']],
        },
      ),
      groupVersionKind: { group: facts.group, version: facts.version, kind: facts.kind },
    }));
  }

  watch(action: 'watch' | 'watchlist', suffix: string): Operation {
    const scope = suffix === 'ListForAllNamespaces' ? '' : this.scope;
    return this.operation('get', action, `watch${this.group}${scope}${this.kind.kind}${suffix}`, [], {
      produces: [...native, ...streams],
      responses: [['200', `${meta}.WatchEvent`]],
    });
  }

  private read(definition: string, suffix: string): Operation {
    return this.operation('get', 'get', this.id('read', '', suffix), this.custom ? ['resourceVersion'] : [], {
      responses: [['200', definition]],
    });
  }

  private readAndWrite(verbs: readonly string[], definition: string, suffix: string): readonly Operation[] {
    const operations: Operation[] = [];
    if (verbs.includes('get')) operations.push(this.read(definition, suffix));
    if (verbs.includes('update')) {
      const body = { definition, required: true };
      operations.push(
        this.operation('put', 'put', this.id('replace', '', suffix), byAction.write, {
          body,
          responses: answers(definition, ['200', '201']),
        }),
      );
    }
    if (verbs.includes('patch')) {
      operations.push(
        this.operation('patch', 'patch', this.id('patch', '', suffix), byAction.patch, {
          body: { definition: `${meta}.Patch`, required: true },
          consumes: [...patches, ...(this.custom ? [] : ['application/strategic-merge-patch+json']), 'application/apply-patch+yaml'],
          responses: answers(definition, this.custom ? ['200'] : ['200', '201']),
        }),
      );
    }
    return operations;
  }

  private delete(): Operation {
    const { group, resource, definition } = this.kind;
    const answersObject = !this.custom && deletesAnswerObject.has(group === '' ? resource : `${group}/${resource}`);
    return this.operation('delete', 'delete', this.id('delete'), byAction.delete, {
      body: { definition: `${meta}.DeleteOptions`, required: false },
      responses: answers(answersObject ? definition : `${meta}.Status`, ['200', '202']),
    });
  }

  private id(verb: string, before = '', after = ''): string {
    return `${verb}${this.group}${before}${this.scope}${this.kind.kind}${after}`;
  }

  private operation(
    method: Method,
    action: string,
    operationId: string,
    keys: readonly ParameterKey[],
    more: Partial<Pick<Operation, 'body' | 'consumes' | 'produces'>> & Pick<Operation, 'responses'>,
  ): Operation {
    const { group, version, kind } = this.kind;
    return {
      method,
      operationId,
      tag: versionTag(group, version),
      action,
      groupVersionKind: { group, version, kind },
      parameters: keys,
      consumes: this.custom ? json : anything,
      produces: this.mediaTypes,
      ...more,
      responses: [...more.responses, ['401', undefined]],
    };
  }
}

function answers(definition: string, codes: readonly ('200' | '201' | '202')[]): Operation['responses'] {
  return codes.map((code) => [code, definition] as const);
}
