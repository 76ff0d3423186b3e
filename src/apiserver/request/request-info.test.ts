import { decodePath, resolveRequest } from './request-info.js';

const cases: readonly [string, string, boolean, string][] = [
  ['GET', '/api/v1/namespaces/default/pods', false, 'list v1 pods ns=default'],
  ['GET', '/api/v1/namespaces/default/pods', true, 'watch v1 pods ns=default'],
  ['GET', '/api/v1/namespaces/default/pods/web', false, 'get v1 pods ns=default web'],
  // A name wins over watch=true, as on the real server.
  ['GET', '/api/v1/namespaces/default/pods/web', true, 'get v1 pods ns=default web'],
  ['GET', '/api/v1/watch/namespaces/default/pods', false, 'watch v1 pods ns=default'],
  ['POST', '/api/v1/namespaces/default/pods/web/binding', false, 'create v1 pods ns=default web/binding'],
  ['GET', '/api/v1/namespaces/default', false, 'get v1 namespaces default'],
  ['PUT', '/api/v1/namespaces/default/finalize', false, 'update v1 namespaces default/finalize'],
  ['GET', '/api/v1/namespaces', false, 'list v1 namespaces'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', false, 'deletecollection apps/v1 deployments ns=a'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments/web', false, 'delete apps/v1 deployments ns=a web'],
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/web/scale', false, 'patch apps/v1 deployments ns=a web/scale'],
  ['GET', '/api/v1/nodes/n/proxy/a/b', false, 'get v1 nodes n/proxy rest=a/b'],
  // An encoded slash divides, as on the real server.
  ['GET', '/api/v1/namespaces/a%20b/pods/c%2Fd', false, 'get v1 pods ns=a b c/d'],
  ['GET', '/api/v1//', false, 'path get'],
  ['GET', '/api/v1/namespaces//configmaps', false, 'list v1 configmaps'],
  ['GET', '/api/v1/namespaces/a//configmaps', false, 'get v1 ns=a configmaps'],
  ['constructor', '/api/v1/pods', false, 'no list v1 pods'],
  ['GET', '/api', false, 'path get'],
  ['GET', '/api/v1', false, 'path get'],
  ['GET', '/api/v1/', false, 'path get'],
  ['GET', '/apis/apps', false, 'path get'],
  ['GET', '/apis/apps/v1', false, 'path get'],
  ['GET', '/version', false, 'path get'],
  ['OPTIONS', '/api/v1/pods', false, 'no list v1 pods'],
  ['HEAD', '/api/v1/pods/x', false, 'no get v1 pods x'],
  ['OPTIONS', '/version', false, 'path options'],
  ['GET', '/api/v1/watch', false, 'path get malformed'],
  ['GET', '/apis/apps/v1/proxy/', false, 'path get malformed'],
  ['GET', '/apis/apps/watch', false, 'path get'],
  ['GET', '//', false, 'path get'],
];

test.each(cases)('%s %s (watch: %s) is %s', (method, path, watch, expected) => {
  const info = resolveRequest(method, decodePath(path)!, watch);
  const shown = info.isResource
    ? [
        info.hasVerb ? '' : 'no',
        info.verb,
        info.group === '' ? info.version : `${info.group}/${info.version}`,
        info.resource,
        info.namespace === '' ? '' : `ns=${info.namespace}`,
        info.name + (info.subresource === '' ? '' : `/${info.subresource}`),
        info.rest === '' ? '' : `rest=${info.rest}`,
      ]
        .filter((part) => part !== '')
        .join(' ')
    : `path ${info.verb}${info.malformed === undefined ? '' : ' malformed'}`;
  expect(shown).toBe(expected);
});

test('a path that is no percent-encoding has no meaning; one that is no UTF-8 has one', () => {
  for (const path of ['/%', '/%z', '/%zz', '/a%2']) expect(decodePath(path)).toBeUndefined();
  expect(decodePath('/a%2fb%00')).toBe('/a/b\0');
  expect(decodePath('/%ff%41')).toBe('/\ufffdA');
});
