// Plays the steps of `audit/` against a real cluster and writes down the events that its log then has. The cluster must be fresh and run with
// --audit-policy-file test/parity/audit/policy.yaml --audit-log-path LOG. usage: npm run parity:record -- --audit --kubeconfig F --log LOG
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AuditEvent } from '../../src/index.js';
import { targetOf } from '../support/kubeconfig.js';
import { eventsOfSteps, playAuditCase, readAuditCase } from './audit.js';

const { values } = parseArgs({ options: { audit: { type: 'boolean' }, kubeconfig: { type: 'string' }, log: { type: 'string' } } });
if (values.kubeconfig === undefined || values.log === undefined) {
  console.error('say which cluster to ask, and where its audit log is: npm run parity:record -- --audit --kubeconfig PATH --log PATH');
  process.exit(2);
}
const folder = join(process.cwd(), 'test', 'parity', 'audit');
const { steps } = readAuditCase(folder);
const before = statSync(values.log).size;
await playAuditCase(targetOf(readFileSync(values.kubeconfig, 'utf8')), steps, (milliseconds) => pause(milliseconds));
// The last event may be written after the last answer.
await pause(1000);
const lines = readFileSync(values.log).subarray(before).toString('utf8').trimEnd().split('\n');
const recorded = eventsOfSteps(
  lines.map((line) => JSON.parse(line) as AuditEvent),
  steps,
);
writeFileSync(join(folder, 'recorded.json'), `${JSON.stringify(recorded, null, 1)}\n`);
console.log(`the events of ${recorded.length} requests recorded`);
