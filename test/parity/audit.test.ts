// The audit events of a list of requests, here and at a real kube-apiserver v1.36.3: the same, event by event.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCluster, type AuditEvent, type AuditPolicy } from '../../src/index.js';
import { targetOf } from '../support/kubeconfig.js';
import { eventsOfSteps, playAuditCase, readAuditCase, type AuditedStep } from './audit.js';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'audit');
const { steps, policy } = readAuditCase(folder);
const recorded = JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')) as readonly AuditedStep[];
let played: readonly AuditedStep[];

beforeAll(async () => {
  const events: AuditEvent[] = [];
  const cluster = await startCluster({
    components: ['apiserver'],
    freeze: true,
    auditPolicy: policy as unknown as AuditPolicy,
    audit: (event) => events.push(event),
  });
  await playAuditCase(targetOf(cluster.kubeconfig), steps);
  await cluster.stop();
  played = eventsOfSteps(events, steps);
});

it.each(recorded.map((one, index) => ({ index, title: `${index + 1}. ${one.request.slice(0, 120)}` })))('audit: $title', ({ index }) => {
  expect(played[index]).toEqual(recorded[index]);
});
