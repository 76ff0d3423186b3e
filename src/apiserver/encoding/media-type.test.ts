// What a v1.36.3 server chose for these `Accept` headers.
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { negotiate, negotiateStatus, type Representation, type Shown } from './media-type.js';

const P = 'application/vnd.kubernetes.protobuf';
const usual: Shown = { watch: false, custom: false };

function wanted(accept: string | undefined): { accept: string | undefined; userAgent: string; pretty: null } {
  return { accept, userAgent: 'kubectl/v1.36.3', pretty: null };
}

function shown({ form, encoding, pretty }: Representation): string {
  return `${encoding}${form === 'object' ? '' : ` ${form}`}${pretty ? ' pretty' : ''}`;
}

describe('an answer', () => {
  it.each([
    [undefined, 'json'],
    ['*/*', 'json'],
    [`application/json,${P}`, 'json'],
    [`${P},application/json`, 'protobuf'],
    [`application/json;q=0.5,${P};q=0.9`, 'protobuf'],
    [`${P};q=0.1,*/*`, 'json'],
    [`${P};q=0,application/json`, 'json'],
    [`${P};q=x,application/json`, 'json'],
    [`${P};q=5,application/json`, 'protobuf'],
    [`*/*,${P}`, 'protobuf'],
    [`*/*;q=0.1,${P}`, 'protobuf'],
    [`application/*,${P};q=0.1`, 'protobuf'],
    [`text/plain,${P}`, 'protobuf'],
    [`application/cbor,${P}`, 'protobuf'],
    [`application/yaml;q=0.9,${P};q=0.9`, 'yaml'],
    [`${P} ; q=0.3 , application/yaml`, 'yaml'],
    [`${P};stream=watch`, 'protobuf'],
    [`${P};foo=bar`, 'protobuf'],
    ['application/json;pretty=1', 'json pretty'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json table'],
    [`${P};as=Table;g=meta.k8s.io;v=v1,application/json`, 'json'],
    [`${P};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json`, 'protobuf metadata'],
    [`application/json;as=Table;g=meta.k8s.io;v=v1;q=0.1,${P};q=0.5`, 'protobuf'],
  ])('to %j is %s', (accept, form) => {
    expect(shown(negotiate(wanted(accept), usual))).toBe(form);
  });

  it('of a custom resource is protobuf only for its metadata', () => {
    const custom = { watch: false, custom: true };
    expect(shown(negotiate(wanted(`${P},application/json`), custom))).toBe('json');
    expect(shown(negotiate(wanted(`${P};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`), custom))).toBe('protobuf metadata');
    expect(() => negotiate(wanted(P), custom)).toThrow('only the following media types are accepted');
  });

  const all = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
  it.each([
    ['application/cbor', usual, `406: Not Acceptable\n\nAvailable representations: ${all}`],
    ['application/*', usual, `406: Not Acceptable\n\nAvailable representations: ${all}`],
    ['APPLICATION/VND.kubernetes.Protobuf', usual, `406: Not Acceptable\n\nAvailable representations: ${all}`],
    [`${P};stream=foo`, usual, `only the following media types are accepted: ${all}`],
    [`${P};as=Table;g=meta.k8s.io;v=v1`, usual, `only the following media types are accepted: ${all}`],
    [`${P};as=constructor;g=meta.k8s.io;v=v1`, usual, `only the following media types are accepted: ${all}`],
    [
      'application/yaml',
      { watch: true, custom: false },
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    ],
  ])('to %j is refused', (accept, what, message) => {
    let thrown: unknown;
    try {
      negotiate(wanted(accept), what);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ code: 406, message });
  });
});

describe('an error', () => {
  it.each([
    [undefined, 'json'],
    [P, 'protobuf'],
    ['application/yaml', 'yaml'],
    [`application/json;as=Table;g=meta.k8s.io;v=v1,${P}`, 'protobuf'],
    [`${P};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json`, 'json'],
    [`${P};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, 'json pretty'],
    [`${P};stream=foo`, 'json pretty'],
    ['application/*', 'json'],
    ['text/html', 'json pretty'],
  ])('to who takes %j is %s', (accept, form) => {
    expect(shown(negotiateStatus(wanted(accept)))).toBe(form);
  });
});
