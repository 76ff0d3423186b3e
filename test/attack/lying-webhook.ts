// An admission webhook that lies, and what it says by the path that it is asked at.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newKey, selfSign, signLeaf, type SigningContext } from '../../src/apiserver/certificates/signing.js';

interface Question {
  readonly request: { readonly uid: string };
}

const reviewed = (response: unknown, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response, ...more });
const yes = (uid: string, more: object = {}): string => reviewed({ uid, allowed: true, ...more });
const encoded = (patch: unknown): string => Buffer.from(typeof patch === 'string' ? patch : JSON.stringify(patch)).toString('base64');
const patched = (patch: unknown) => (uid: string) => yes(uid, { patchType: 'JSONPatch', patch: encoded(patch) });
const replaced = (path: string, value: unknown) => patched([{ op: 'add', path, value }]);

/** By name: the body of the answer, which may have a status of its own. */
export const lies: Readonly<Record<string, (uid: string) => string | { readonly status: number; readonly body: string }>> = {
  empty: () => '',
  garbage: () => 'garbage',
  'a list': () => '[]',
  'a number': () => '3',
  null: () => 'null',
  'an error page': () => ({ status: 500, body: '<html>no</html>' }),
  'an error in words': () => ({ status: 500, body: 'boom' }),
  'a page that is not there': () => ({ status: 404, body: 'no' }),
  'no content': () => ({ status: 204, body: '' }),
  'no response': () => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }),
  'the question': (uid) => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid } }),
  'another kind': (uid) => reviewed({ uid, allowed: true }, { kind: 'Pod' }),
  'another version': (uid) => reviewed({ uid, allowed: true }, { apiVersion: 'admission.k8s.io/v1beta1' }),
  'no kind': (uid) => JSON.stringify({ response: { uid, allowed: true } }),
  'no uid': () => reviewed({ allowed: true }),
  'another uid': () => reviewed({ uid: 'other', allowed: true }),
  'a yes in words': (uid) => reviewed({ uid, allowed: 'true' }),
  'nothing said': (uid) => reviewed({ uid }),
  'a no': (uid) => reviewed({ uid, allowed: false }),
  'a no with success': (uid) => reviewed({ uid, allowed: false, status: { status: 'Success', code: 200, message: 'fine' } }),
  'a no with code 99': (uid) => reviewed({ uid, allowed: false, status: { code: 99, message: 'odd' } }),
  'a no with code 500': (uid) => reviewed({ uid, allowed: false, status: { code: 500, message: 'mine', reason: 'InternalError' } }),
  'a patch without a type': (uid) => yes(uid, { patch: encoded([]) }),
  'a type without a patch': (uid) => yes(uid, { patchType: 'JSONPatch' }),
  'a patch of another type': (uid) => yes(uid, { patchType: 'MergePatch', patch: encoded({}) }),
  'a patch that is no base64': (uid) => yes(uid, { patchType: 'JSONPatch', patch: '!!!' }),
  'a patch that is no JSON': patched('garbage'),
  'a patch that is no list': patched({}),
  'a patch of nulls': patched([null]),
  'an operation that is none': patched([{ op: 'grow', path: '/data' }]),
  'a path that is none': patched([{ op: 'add', path: 'data', value: 1 }]),
  'a removal of what is not there': patched([{ op: 'remove', path: '/data/none' }]),
  'a test that fails': patched([{ op: 'test', path: '/data/a', value: 'x' }]),
  'the whole object replaced by a text': patched([{ op: 'replace', path: '', value: 'x' }]),
  'the whole object taken away': patched([{ op: 'remove', path: '' }]),
  'another name': replaced('/metadata/name', 'other'),
  'another namespace': replaced('/metadata/namespace', 'kube-system'),
  'no name': patched([{ op: 'remove', path: '/metadata/name' }]),
  'a name that is none': replaced('/metadata/name', 'A B'),
  'another kind of object': replaced('/kind', 'Secret'),
  'another kind of object that fits': replaced('/kind', 'ServiceAccount'),
  'a kind that is not there': replaced('/kind', 'Unknown'),
  'no kind of object': patched([{ op: 'remove', path: '/kind' }]),
  'another version of the object': replaced('/apiVersion', 'v2'),
  'data of another type': replaced('/data', 'x'),
  'a field that nobody knows': replaced('/unknown', { a: 1 }),
  'a prototype': replaced('/__proto__', { polluted: true }),
  'a prototype of metadata': replaced('/metadata/__proto__', { polluted: true }),
  'a label that is none': replaced('/metadata/labels', { 'a b': 'c' }),
  'an owner that is none': replaced('/metadata/ownerReferences', [{ kind: 'Pod' }]),
  'a finalizer that is none': replaced('/metadata/finalizers', ['a b']),
};

/** What it says of metadata that the server sets; the real server takes some of it. */
export const metadataLies: Readonly<Record<string, (uid: string) => string>> = {
  'another uid of the object': replaced('/metadata/uid', '00000000-0000-0000-0000-000000000000'),
  'another time of creation': replaced('/metadata/creationTimestamp', '2001-01-01T00:00:00Z'),
  'a time of deletion': replaced('/metadata/deletionTimestamp', '2001-01-01T00:00:00Z'),
  'another generation': replaced('/metadata/generation', 77),
  'managed fields': replaced('/metadata/managedFields', [{ manager: 'liar', operation: 'Apply', apiVersion: 'v1', time: '2001-01-01T00:00:00Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } }]), // prettier-ignore
};

/** A webhook that runs; `path` of a lie is where it is told. */
export interface LyingWebhook {
  readonly url: string;
  /** Of its certificate, base64 as configurations have it. */
  readonly caBundle: string;
  readonly path: (lie: string) => string;
  close(): void;
}

export async function startLyingWebhook(context: SigningContext): Promise<LyingWebhook> {
  const ca = { key: newKey(), certificate: '' };
  const authority = { ...ca, certificate: await selfSign(ca.key, { name: 'liars', days: 1 }, context) };
  const key = newKey();
  const cert = await signLeaf(authority, key, { name: 'liar', names: ['127.0.0.1'], usages: ['digital signature', 'server auth'], days: 1 }, context); // prettier-ignore
  const server: Server = createServer({ cert, key }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const lie = decodeURIComponent((request.url ?? '').split('?')[0]!.slice(1));
      if (lie === 'hangs') return;
      if (lie === 'hangs up') return void request.socket.destroy();
      if (lie === 'never ends') {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = setInterval(() => response.write(' '.repeat(1000)), 20);
        return void response.once('close', () => clearInterval(more));
      }
      const told = (lies[lie] ?? metadataLies[lie])!((JSON.parse(text) as Question).request.uid);
      const { status, body } = typeof told === 'string' ? { status: 200, body: told } : told;
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    path: (lie) => `${url}/${encodeURIComponent(lie)}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A mutating webhook configuration for config maps of one namespace that are labelled `attack`. */
export function configuration(webhook: LyingWebhook, name: string, namespace: string, lie: string, timeoutSeconds = 10): unknown {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'liar.example.com',
        clientConfig: { url: webhook.path(lie), caBundle: webhook.caBundle },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        objectSelector: { matchLabels: { attack: name } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy: 'Fail',
        timeoutSeconds,
      },
    ],
  };
}
