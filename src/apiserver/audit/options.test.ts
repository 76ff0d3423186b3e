import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../clock/manual-clock.js';
import { realRandom } from '../../clock/random.js';
import { silentLogger } from '../../client/logger.js';
import { MetricsRegistry } from '../metrics/registry.js';
import { AuditOptionError, loadAudit, type AuditOptions } from './options.js';

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (options: AuditOptions) => {
  const clock = manualClock();
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  return loadAudit(options, { clock, systemClock: clock, random: realRandom(), logger, metrics: new MetricsRegistry() });
};
const file = (text: string): string => {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, text);
  return path;
};
const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

test.each<[AuditOptions, string]>([
  [{ auditPolicyFile: '/nosuch' }, "--audit-policy-file /nosuch: ENOENT: no such file or directory, open '/nosuch'"],
  [{ auditPolicy: { rules: [] } }, 'auditPolicy: loaded illegal policy with 0 rules'],
  [{ auditPolicy: { rules: [] }, auditPolicyFile: '/nosuch' }, 'auditPolicyFile and auditPolicy cannot both be given'],
  [{ audit: () => {}, auditLogPath: '/proc' }, "--audit-log-path /proc: EISDIR: illegal operation on a directory, open '/proc'"],
  [{ audit: () => {}, auditLogPath: '/proc/no/log' }, "--audit-log-path /proc/no/log: ENOENT: no such file or directory, mkdir '/proc/no'"],
  [{ auditLogBatchMaxSize: 0 }, '--audit-log-batch-max-size must be 1 or more, not 0'],
  [{ auditLogMaxage: -1 }, '--audit-log-maxage must be 0 or more, not -1'],
])('%j is refused', async (options, message) => {
  await expect(load(options)).rejects.toEqual(new AuditOptionError(message));
});

test('a file is refused in one line that names it', async () => {
  const path = file('a: [');
  await expect(load({ auditPolicyFile: path })).rejects.toThrow(new RegExp(`^--audit-policy-file ${path}: [^\\n]+$`));
  await expect(load({ auditPolicyFile: file(`${head}rules: [{level: All}]`) })).rejects.toThrow(
    `--audit-policy-file ${path}: rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"`,
  );
});

test('a policy with nowhere to write, and a file without a policy, audit nothing', async () => {
  expect(await load({})).toBeUndefined();
  expect(await load({ auditPolicyFile: file(`${head}rules: [{level: Metadata}]`) })).toBeUndefined();
  expect(warnings).toEqual([]);
  expect(await load({ auditLogPath: join(folder, 'audit.log') })).toBeUndefined();
  expect(warnings).toEqual(['no audit policy is given, so no events are written: name one with --audit-policy-file']);
});

test('fields that there are not are warned of', async () => {
  const path = join(folder, 'audit.log');
  const audit = await load({ auditPolicyFile: file(`${head}rules: [{level: Metadata, userz: [a]}]`), auditLogPath: path });
  expect(warnings).toEqual(['the audit policy has fields that there are not; they are passed over']);
  await audit?.auditor.stop();
  expect(readFileSync(path, 'utf8')).toBe('');
});
