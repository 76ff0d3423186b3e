import { isReason } from '../../apimachinery/errors/api-error.js';
import { loadClusterCertificates } from '../../apiserver/certificates/cluster-certificates.js';
import { signClientCertificate, signCertificateRequest } from '../../apiserver/certificates/signing.js';
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.js';
import { formatTime } from '../../clock/clock.js';
import { realRandom } from '../../clock/random.js';
import { approved, encodedRequest, signingRequest } from '../testing/certificate-requests.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createCsrCleanerController } from './index.js';

let kit: Kit;
beforeEach(async () => {
  kit = createKit();
  await kit.start(createCsrCleanerController);
});
afterEach(() => kit.stop());

const minute = 60_000;
const hour = 60 * minute;

async function seed(name: string, status: (now: string) => object): Promise<void> {
  const object = await signingRequest(name, { subject: 'CN=jane' });
  kit.client.seed(CERTIFICATE_SIGNING_REQUESTS, { ...object, status: status(formatTime(kit.clock.now())) });
  await kit.run();
}
const isThere = (name: string): Promise<boolean> =>
  kit.client.get(CERTIFICATE_SIGNING_REQUESTS, { name }).then(
    () => true,
    (error: unknown) => {
      expect(isReason(error, 'NotFound')).toBe(true);
      return false;
    },
  );

test('a request that nobody decides goes after a day', async () => {
  await seed('pending', () => ({}));
  await kit.run(24 * hour - minute);
  expect(await isThere('pending')).toBe(true);
  await kit.run(minute);
  expect(await isThere('pending')).toBe(false);
  expect(kit.client.requests.at(-2)).toMatchObject({ verb: 'delete' });
});

test.each(['Approved', 'Denied', 'Failed'])('%s: goes after an hour', async (type) => {
  await seed('decided', (now) => ({ conditions: [{ ...approved, type, lastUpdateTime: now }] }));
  await kit.run(hour - minute);
  expect(await isThere('decided')).toBe(true);
  await kit.run(minute);
  expect(await isThere('decided')).toBe(false);
});

test('the hour begins when it is decided', async () => {
  await seed('late', () => ({}));
  await kit.run(23 * hour);
  await kit.client.patch(
    CERTIFICATE_SIGNING_REQUESTS,
    { name: 'late' },
    'merge',
    { status: { conditions: [{ ...approved, lastUpdateTime: formatTime(kit.clock.now()) }] } },
    { subresource: 'status' },
  );
  await kit.run(59 * minute);
  expect(await isThere('late')).toBe(true);
  await kit.run(minute);
  expect(await isThere('late')).toBe(false);
});

test('a certificate that is valid for less than an hour takes its request along', async () => {
  const context = { clock: kit.clock, random: realRandom() };
  const { ca } = await loadClusterCertificates(context);
  const pem = Buffer.from(await encodedRequest('CN=jane'), 'base64').toString();
  const short = await signCertificateRequest(ca, pem, { seconds: 600, backdateSeconds: 300, usages: ['client auth'] }, context);
  const { certificate: long } = await signClientCertificate(ca, { name: 'jane' }, context);
  for (const [name, certificate] of Object.entries({ short, long, foreign: 'what only its clients can read' })) {
    await seed(name, (now) => ({
      conditions: [{ ...approved, lastUpdateTime: now }],
      certificate: Buffer.from(certificate).toString('base64'),
    }));
  }
  await kit.run(15 * minute);
  expect(await Promise.all(['short', 'long', 'foreign'].map(isThere))).toEqual([false, true, true]);
});
