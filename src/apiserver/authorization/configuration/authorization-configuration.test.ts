import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigurationFile } from '../../authentication/configuration-file.js';
import type { Attributes } from '../authorizer.js';
import { authorizationConfigurationKind, readAuthorizers, type AuthorizerSettings } from './authorization-configuration.js';
import { compileMatchConditions } from './match-conditions.js';

/** Files that a real server refused, and what it said. */
const { rows } = JSON.parse(readFileSync(new URL('./golden/refusals.json', import.meta.url), 'utf8')) as {
  readonly rows: readonly (readonly [name: string, file: string, message: string])[];
};
const folder = mkdtempSync(join(tmpdir(), 'authorization-'));
const kubeconfig = join(folder, 'webhook.kubeconfig');
writeFileSync(kubeconfig, 'apiVersion: v1');
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (text: string): Promise<readonly AuthorizerSettings[]> =>
  readAuthorizers(await readConfigurationFile(text.replaceAll('{kubeconfig}', kubeconfig), authorizationConfigurationKind));

test.each(rows)('refuses %s in the real words', async (_, file, message) => {
  await expect(read(file)).rejects.toThrow(new Error(message));
});

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n';
const webhook = `
- type: Webhook
  name: one
  webhook: {timeout: 1500ms, subjectAccessReviewVersion: v1, failurePolicy: Deny, cacheAuthorizedRequests: false, connectionInfo: {type: KubeConfigFile, kubeConfigFile: '{kubeconfig}'}}`;

test('reads authorizers in their order', async () => {
  const [node, one] = await read(`${head}authorizers:\n- {type: Node, name: node}${webhook}`);
  expect(node).toEqual({ type: 'Node', name: 'node', webhook: undefined });
  expect(one).toMatchObject({ type: 'Webhook', name: 'one' });
  expect(one?.webhook).toEqual({
    authorizedTTL: 300_000,
    unauthorizedTTL: 30_000,
    cacheAuthorizedRequests: false,
    cacheUnauthorizedRequests: true,
    timeout: 1500,
    subjectAccessReviewVersion: 'v1',
    failurePolicy: 'Deny',
    kubeConfigFile: kubeconfig,
    matchConditions: undefined,
  });
});

test('a file that is none', async () => {
  await expect(read('{{{')).rejects.toThrow('yaml');
  await expect(read('[]')).rejects.toThrow("couldn't get version/kind; json parse error: json: cannot unmarshal array");
  await expect(read('a: &a [*a, *a]\nb: 1')).rejects.toThrow();
  await expect(read(`${head}authorizers: [{type: RBAC, type: Node, name: rbac}]`)).rejects.toThrow('strict decoding error: yaml');
  await expect(read(`${head}__proto__: {a: 1}`)).rejects.toThrow('unknown field "__proto__"');
});

describe('match conditions', () => {
  const list: Attributes = {
    user: { name: 'jane', groups: ['crew'] },
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    namespace: '',
    name: '',
    selectors: { fields: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }], labels: [] },
  };
  const path: Attributes = { user: { name: 'jane', groups: [], extra: { a: ['b'] } }, verb: 'get', path: '/x' };
  const met = (attributes: Attributes, ...expressions: string[]): unknown => {
    const { conditions, errors } = compileMatchConditions(expressions, 'p');
    expect(errors).toEqual([]);
    return conditions?.(attributes);
  };

  it('see the review that would be sent', async () => {
    expect(await met(list, "request.resourceAttributes.namespace == ''", 'has(request.uid)', 'size(request.extra) == 0')).toBe(true);
    expect(await met(list, 'has(request.resourceAttributes.labelSelector)')).toBe(false);
    expect(await met(list, "request.resourceAttributes.fieldSelector.requirements.exists(r, r.values == ['n'])")).toBe(true);
    expect(await met(path, "request.nonResourceAttributes.path == '/x' && request.extra.a == ['b']")).toBe(true);
  });

  it('one that is false decides, one that fails is an error', async () => {
    const fails = "request.resourceAttributes.resource == 'pods'";
    const error = `cel evaluation error: expression '${fails}' resulted in error: no such key: resourceAttributes`;
    expect(await met(path, fails)).toEqual({ error });
    expect(await met(path, fails, 'false')).toBe(false);
    expect(await met(path, fails, `true && ${fails}`)).toEqual({
      error: `[${error}, ${error.replace("expression '", "expression 'true && ")}]`,
    });
  });

  it('may not keep the server busy', async () => {
    const groups = Array.from({ length: 300 }, (_, index) => `g${index}`);
    const expression = 'request.groups.all(a, request.groups.all(b, request.groups.all(c, request.groups.all(d, a != b + c + d))))';
    expect(await met({ ...list, user: { name: 'jane', groups } }, expression)).toEqual({
      error: expect.stringContaining('actual cost limit exceeded'),
    });
  });

  it('that take long let others have their turn', async () => {
    const user = { name: 'ab'.repeat(20_000), groups: [] };
    const long = met({ ...list, user }, "request.user.find('(aa|bb|ab|ba){400}c') == ''");
    expect(long).toBeInstanceOf(Promise);
    expect(await long).toBe(true);
  });
});
