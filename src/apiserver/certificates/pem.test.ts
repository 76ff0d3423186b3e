import { manualClock } from '../../clock/manual-clock.js';
import { seededRandom } from '../../clock/random.js';
import { certificateAuthorities } from '../authentication/certificate-authorities.js';
import { checkAuthority } from './check.js';
import { certificateBlocks, onlyCertificates } from './pem.js';
import { newKey, selfSign } from './signing.js';

const clock = manualClock(Date.parse('2026-11-22T12:00:00Z'));
let [key, certificate]: string[] = [];
beforeAll(async () => {
  key = newKey();
  certificate = await selfSign(key, { name: 'one', days: 10 }, { clock, random: seededRandom(1) });
});

test('a text of certificates and remarks stays as it is', () => {
  for (const text of [certificate!, `# mine\n${certificate}\n${certificate}`, '']) expect(onlyCertificates(text)).toBe(text);
  expect(certificateBlocks(`${certificate}${certificate}`)).toHaveLength(2);
});

test('a private key beside a certificate is published nowhere', () => {
  const both = `${key}${certificate}`;
  expect(onlyCertificates(both)).toBe(certificate);
  expect(certificateAuthorities(both).pem).toBe(certificate);
  expect(checkAuthority('folder', { certificate: both, key: key! }, clock.now()).certificate).toBe(certificate);
});
