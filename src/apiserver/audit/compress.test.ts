import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { manualClock } from '../../clock/manual-clock.js';
import { LogFile } from './log-file.js';

const folder = mkdtempSync(join(tmpdir(), 'audit-compress-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('files that were set aside are compressed, counted and removed as the others are', async () => {
  const clock = manualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  writeFileSync(join(folder, 'audit-notes.log'), 'mine');
  const file = new LogFile({ path: join(folder, 'audit.log'), clock, maxAge: 0, maxBackup: 2, maxSize: 20, compress: true });
  const old = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('audit-2026')).sort(); // prettier-ignore
  for (const word of ['first', 'second', 'third', 'fourth']) {
    file.write(`${word}-123456789\n`);
    while (old().some((name) => !name.endsWith('.gz'))) await turn();
    await clock.advance(1000);
  }
  file.close();
  expect(old()).toEqual(['audit-2026-01-02T03-04-07.678.log.gz', 'audit-2026-01-02T03-04-08.678.log.gz']);
  expect(gunzipSync(readFileSync(join(folder, old()[1]!))).toString()).toBe('third-123456789\n');
  expect(readFileSync(join(folder, 'audit-notes.log'), 'utf8')).toBe('mine');
});
