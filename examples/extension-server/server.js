// An API server of its own for a group of its own, in plain Node: kubectl reaches it through the cluster.
// It makes itself known, serves until it is stopped, and keeps its objects in memory. Run it with examples/extension-server/run.sh.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const group = 'books.example.com';
const version = 'v1';
const apiVersion = `${group}/${version}`;
const books = new Map();

const resources = [
  {
    name: 'books',
    singularName: 'book',
    shortNames: ['bk'],
    namespaced: true,
    kind: 'Book',
    verbs: ['create', 'delete', 'get', 'list'],
  },
];

// What `kubectl explain books` reads.
const openapi = {
  openapi: '3.0.0',
  info: { title: 'books', version },
  paths: {
    [`/apis/${apiVersion}/namespaces/{namespace}/books/{name}`]: {
      get: {
        responses: { 200: { description: 'OK' } },
        'x-kubernetes-action': 'get',
        'x-kubernetes-group-version-kind': { group, version, kind: 'Book' },
      },
    },
  },
  components: {
    schemas: {
      'com.example.books.Book': {
        description: 'Book is a thing to read.',
        type: 'object',
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
          title: { type: 'string', description: 'What is written on it.' },
        },
        'x-kubernetes-group-version-kind': [{ group, version, kind: 'Book' }],
      },
    },
  },
};

/** The answer to a request: its status and its body. */
function answer(method, path, body, user) {
  if (path === `/apis/${apiVersion}`) return [200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources }];
  if (path === '/openapi/v3') return [200, { paths: { [`apis/${apiVersion}`]: { serverRelativeURL: `/openapi/v3/apis/${apiVersion}` } } }];
  if (path === `/openapi/v3/apis/${apiVersion}`) return [200, openapi];
  const [, namespace, name] = /^\/apis\/books\.example\.com\/v1\/namespaces\/([^/]+)\/books(?:\/([^/]+))?$/.exec(path) ?? [];
  if (namespace === undefined) return problem(404, 'NotFound', 'there are only books here');
  const key = `${namespace}/${name}`;
  if (name === undefined && method === 'GET') {
    const items = [...books.values()].filter(({ metadata }) => metadata.namespace === namespace);
    return [200, { kind: 'BookList', apiVersion, metadata: {}, items }];
  }
  if (method === 'POST') {
    const book = JSON.parse(body);
    // The cluster has found out who asks, and whether they may.
    book.metadata = { ...book.metadata, namespace, annotations: { 'books.example.com/lender': user } };
    books.set(`${namespace}/${book.metadata.name}`, book);
    return [201, book];
  }
  const book = books.get(key);
  if (book === undefined) return problem(404, 'NotFound', `books.${group} "${name}" not found`);
  if (method === 'DELETE') books.delete(key);
  return [200, book];
}

function problem(code, reason, message) {
  return [code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code }];
}

const kubectl = (args, input) => execFileSync('kubectl', args, { input, encoding: 'utf8' });

// Whoever comes through the cluster shows the certificate of its front proxy; nobody else is served.
const authentication = JSON.parse(
  kubectl(['get', 'configmap', 'extension-apiserver-authentication', '--namespace', 'kube-system', '--output', 'json']),
);
const server = createServer(
  {
    key: readFileSync(process.env.TLS_KEY),
    cert: readFileSync(process.env.TLS_CERTIFICATE),
    ca: authentication.data['requestheader-client-ca-file'],
    requestCert: true,
    rejectUnauthorized: true,
  },
  (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      const [status, document] = answer(request.method, request.url.split('?')[0], body, request.headers['x-remote-user']);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(document));
    });
  },
);

server.listen(0, '127.0.0.1', () => {
  // Nothing listens at the addresses of simulated pods: the Service leads to this machine.
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'books' }, spec: { type: 'ExternalName', externalName: 'localhost' } };
  const apiService = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { namespace: 'default', name: 'books', port: server.address().port },
      caBundle: readFileSync(process.env.TLS_CERTIFICATE).toString('base64'),
    },
  };
  kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [service, apiService] }));
});
