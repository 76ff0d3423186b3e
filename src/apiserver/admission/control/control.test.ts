// Which plugins run, how they are configured, and configurations that are huge, of the wrong type, or hostile.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePlugins, defaultPlugins, pluginNames } from './names.js';
import { AdmissionOptionError, loadAdmission } from './options.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'admission-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n';

function file(text: string): string {
  const path = join(folder, 'admission.yaml');
  writeFileSync(path, text);
  return path;
}

function plugin(name: string, configuration: string): string {
  return `${head}plugins:\n- name: ${name}\n  configuration: ${configuration}\n`;
}

describe('plugins', () => {
  test('run as on a real server of v1.36 when nobody says otherwise', () => {
    expect(pluginNames).toHaveLength(41);
    expect([...choosePlugins()]).toEqual(defaultPlugins);
    expect(defaultPlugins).toHaveLength(27);
  });

  test('are switched on and off, and keep their order', () => {
    const chosen = [...choosePlugins(['AlwaysDeny', 'NamespaceExists', 'LimitRanger'], ['PodSecurity'])];
    expect(chosen.slice(0, 3)).toEqual(['NamespaceLifecycle', 'NamespaceExists', 'LimitRanger']);
    expect(chosen.at(-1)).toBe('AlwaysDeny');
    expect(chosen).not.toContain('PodSecurity');
  });

  test.each([
    [['Nope'], [], 'enable-admission-plugins plugin "Nope" is unknown'],
    [
      ['Nope'],
      ['limitranger'],
      '[enable-admission-plugins plugin "Nope" is unknown, disable-admission-plugins plugin "limitranger" is unknown]',
    ],
    [
      ['PodSecurity', 'AlwaysDeny', 'AlwaysDeny'],
      ['AlwaysDeny', 'PodSecurity'],
      '[AlwaysDeny PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
    ],
  ])('%j and %j: %s', (enable, disable, message) => {
    expect(() => choosePlugins(enable, disable)).toThrow(message);
  });
});

describe('the file', () => {
  test('configures plugins in place and by path', async () => {
    writeFileSync(
      join(folder, 'rates.yaml'),
      'apiVersion: eventratelimit.admission.k8s.io/v1alpha1\nkind: Configuration\nlimits: [{type: Server, qps: 1, burst: 2}]\n',
    );
    const path = file(
      `${plugin('PodSecurity', '{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {enforce: baseline}, exemptions: {namespaces: [a]}}')}- name: EventRateLimit\n  path: rates.yaml\n- name: Unknown\n  configuration: {a: b}\n`,
    );
    const control = await loadAdmission({ enableAdmissionPlugins: ['EventRateLimit'], admissionControlConfigFile: path });
    expect(control.podSecurity.defaults.enforce).toEqual({ level: 'baseline', version: 'latest' });
    expect(control.podSecurity.exemptions.namespaces).toEqual(new Set(['a']));
    expect(control.eventRateLimit?.limits).toEqual([{ type: 'Server', qps: 1, burst: 2, cacheSize: 4096 }]);
  });

  test('is not needed', async () => {
    const { plugins, limitedResources, imagePolicy } = await loadAdmission({});
    expect([plugins.size, limitedResources, imagePolicy]).toEqual([27, [], undefined]);
  });

  const security = (fields: string): string =>
    plugin('PodSecurity', `{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, ${fields}}`);
  const rates = (limits: string): string =>
    plugin('EventRateLimit', `{apiVersion: eventratelimit.admission.k8s.io/v1alpha1, kind: Configuration, limits: ${limits}}`);
  const quota = (resources: string): string =>
    plugin('ResourceQuota', `{apiVersion: apiserver.config.k8s.io/v1, kind: ResourceQuotaConfiguration, limitedResources: ${resources}}`);
  const tolerations = (fields: string): string =>
    plugin('PodTolerationRestriction', `{apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration, ${fields}}`);

  test.each([
    ['empty', '', 'it must be a map, not null'],
    ['text', 'text', 'it must be a map, not a string'],
    ['no YAML', 'a: [', 'Flow sequence'],
    [
      'another kind',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: Nope',
      'no kind "Nope" is registered for version "apiserver.config.k8s.io/v1"',
    ],
    ['no kind', 'apiVersion: apiserver.config.k8s.io/v1', "Object 'Kind' is missing"],
    [
      'another version',
      'apiVersion: apiserver.config.k8s.io/v2\nkind: AdmissionConfiguration',
      'no kind "AdmissionConfiguration" is registered',
    ],
    ['unknown fields', `${head}foo: 1`, 'strict decoding error: unknown field "foo"'],
    ['a number for a list', `${head}plugins: 3`, 'plugins must be a list, not a number'],
    ['null for a plugin', `${head}plugins: [3]`, 'plugins[0] must be a map, not a number'],
    ['a list for a name', `${head}plugins: [{name: []}]`, 'plugins[0].name must be a string, not a list'],
    ['a missing path', `${head}plugins: [{name: PodSecurity, path: /nowhere.yaml}]`, '/nowhere.yaml'],
    ['__proto__', `${head}__proto__: {polluted: true}`, 'unknown field "__proto__"'],
    ['__proto__ of a plugin', security('__proto__: {polluted: true}'), 'unknown field "__proto__"'],
    ['constructor', security('defaults: {constructor: {prototype: {polluted: true}}}'), 'unknown field "defaults.constructor"'],
    [
      'wrong levels',
      security('defaults: {enforce: strict, warn-version: v9}'),
      'PodSecurity configuration error: [enforce-version'.slice(0, 35),
    ],
    ['names that are no texts', security('exemptions: {namespaces: [{a: b}]}'), 'exemptions.namespaces[0] must be a string, not a map'],
    ['no limits', rates('[]'), 'couldn\'t init admission plugin "EventRateLimit": limits: Invalid value: null: must not be empty'],
    ['wrong limits', rates('[{type: Nope, qps: 0, burst: -1, cacheSize: -5}]'), 'limits[0].type: Unsupported value: "Nope"'],
    ['halves', rates('[{type: User, qps: 1.5, burst: 1}]'), 'limits[0].qps must be a whole number of 32 bits, not 1.5'],
    ['infinity', rates('[{type: User, qps: .inf, burst: 1}]'), 'limits[0].qps must be a whole number of 32 bits, not Infinity'],
    ['too much', rates('[{type: User, qps: 99999999999, burst: 1}]'), 'limits[0].qps must be a whole number of 32 bits'],
    ['too many limits', rates(`[${'{type: User, qps: 1, burst: 1},'.repeat(101)}]`), 'limits: Too many: 101: must have at most 100 items'],
    ['a nameless resource', quota('[{}]'), 'limitedResources[0].resource: Required value'],
    ['text for scopes', quota('[{resource: pods, matchScopes: x}]'), 'limitedResources[0].matchScopes must be a list, not a string'],
    [
      'wrong tolerations',
      tolerations('whitelist: [{key: a b, effect: X}]'),
      'invalid config: [podtolerationrestriction.whitelist[0].key: Invalid value: "a b"',
    ],
    [
      'a backend without an address',
      plugin('ImagePolicyWebhook', '{imagePolicy: {}}'),
      'invalid configuration: no configuration has been provided',
    ],
    ['no backend', `${head}`, 'couldn\'t init admission plugin "ImagePolicyWebhook": no config specified'],
    [
      'a time to live of hours',
      plugin('ImagePolicyWebhook', '{imagePolicy: {allowTTL: 9999}}'),
      'valid value is between 1s and 30m0s, got 9999s',
    ],
    ['an alias bomb', `${head}plugins: &a [${'*a,'.repeat(3)}]\nb: &b [${'*b,'.repeat(1000)}]`, 'has aliases, which are not taken'],
    ['depth', `${head}plugins: ${'['.repeat(50_000)}`, 'is nested deeper than 100 levels'],
    ['depth by dashes', `${head}plugins:\n${'- '.repeat(3000)}x`, ''],
    ['a huge file', `${head}# ${'x'.repeat(3 * 1024 * 1024)}`, 'is larger than 3145728 bytes'],
  ])('with %s is refused in one line', async (_, text, message) => {
    const enableAdmissionPlugins = pluginNames.filter(
      (name) => text.includes(`name: ${name}`) || (name === 'ImagePolicyWebhook' && text === head),
    );
    const error: unknown = await loadAdmission({ enableAdmissionPlugins, admissionControlConfigFile: file(text) }).catch(
      (one: unknown) => one,
    );
    expect(error).toBeInstanceOf(AdmissionOptionError);
    const told = (error as Error).message;
    expect(told).toContain(message);
    expect(told).not.toContain('\n');
    expect(told.startsWith('--admission-control-config-file ')).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('of a thousand limited resources takes no time', async () => {
    const path = file(quota(`[${'{resource: pods, matchContains: [a, b, c]},'.repeat(1000)}]`));
    expect((await loadAdmission({ admissionControlConfigFile: path })).limitedResources).toHaveLength(1000);
  });
});
