import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DefinitionTexts } from './definitions.js';

describe('scripts/generate-texts.js', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'kubedouble-texts-')), 'texts');
  const textsOf = (document: string): Record<string, DefinitionTexts> => JSON.parse(readFileSync(join(folder, `${document}.json`), 'utf8'));
  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/generate-texts.js', folder]);
  });
  afterAll(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });

  test('every document has its texts', () => {
    expect(readdirSync(folder)).toEqual(readdirSync('openapi/schemas'));
    const all = textsOf('v2-definitions');
    expect(Object.keys(all).length).toBeGreaterThan(550);
    for (const { description, properties = {} } of Object.values(all)) {
      for (const text of [description, ...Object.values(properties)]) expect(text ?? 'none').not.toMatch(/^\s|^\*|\*_\/|\\'|\s$/);
    }
  });

  test('definitions of one name in several groups have their own texts', () => {
    const core = textsOf('api_v1')['io.k8s.api.core.v1.Event']!.properties!;
    const events = textsOf('apis_events.k8s.io_v1')['io.k8s.api.events.v1.Event']!.properties!;
    expect([core.involvedObject === undefined, events.involvedObject === undefined]).toEqual([false, true]);
    expect([core.note === undefined, events.note === undefined]).toEqual([true, false]);
    expect(textsOf('apis_rbac.authorization.k8s.io_v1')['io.k8s.api.rbac.v1.Subject']!.properties).toHaveProperty('apiGroup');
    expect(textsOf('apis_flowcontrol.apiserver.k8s.io_v1')['io.k8s.api.flowcontrol.v1.Subject']!.properties).toHaveProperty('user');
  });

  test('properties whose names are other in TypeScript', () => {
    const schema = textsOf('apis_apiextensions.k8s.io_v1')['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps']!;
    expect(Object.keys(schema.properties!)).toEqual(expect.arrayContaining(['default', 'x-kubernetes-list-type']));
    expect(textsOf('apis_networking.k8s.io_v1')['io.k8s.api.networking.v1.NetworkPolicyIngressRule']!.properties).toHaveProperty('from');
    expect(textsOf('api_v1')['io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta']!.properties).toHaveProperty('continue');
  });

  test('properties that refer to a definition have a text too', () => {
    const { properties = {} } = textsOf('api_v1')['io.k8s.api.core.v1.PodSpec']!;
    expect(properties.affinity).toMatch(/\.$/);
    expect(Object.keys(textsOf('api_v1')['io.k8s.api.core.v1.Pod']!.properties!)).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      'spec',
      'status',
    ]);
  });
});
