import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-settings-'));
const file = (text: string): string => {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  return path;
};

it('takes options from the command line, the file, and what is usual, in this order', async () => {
  const config = file('nodes: 5\nport: 0\ncomponents: [scheduler]\n');
  expect(await readSettings({ config, port: '7000' })).toEqual({ nodes: 5, port: 7000, components: ['scheduler'], logLevel: 'warn' });
  expect(await readSettings({ components: 'controllers, kubelet,' })).toEqual({ components: ['controllers', 'kubelet'], logLevel: 'warn' });
});

it.each([
  [{ nodes: 'three' }, '--nodes must be a whole number, not "three"'],
  [{ port: '-1' }, '--port must be a whole number, not "-1"'],
  [{ components: 'etcd' }, 'there is no component "etcd": choose from apiserver, controllers, scheduler, kubelet'],
  [{ logLevel: 'loud' }, '--log-level must be one of debug, info, warn, error, silent, not "loud"'],
  [{ config: join(folder, 'nope.yaml') }, 'nope.yaml cannot be read'],
])('%j: %s', async (flags, message) => {
  await expect(readSettings(flags)).rejects.toThrow(message);
});

it.each([
  ['nodes: three', 'nodes must be of type integer, not "three"'],
  ['node: 3', 'there is no field "node": did you mean nodes?'],
  ['components: [etcd]', 'components.0 must be one of apiserver, controllers, scheduler, kubelet, not "etcd"'],
  ['port: 70000', 'port must be <= 65535, not 70000'],
  ['- a', 'it must be a map of fields'],
  ['a: [', 'is no YAML (line 1)'],
])('the file %j: %s', async (text, message) => {
  await expect(readSettings({ config: file(text) })).rejects.toThrow(message);
});
