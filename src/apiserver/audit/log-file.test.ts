import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../clock/manual-clock.js';
import { LogFile } from './log-file.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'audit-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const names = (): readonly string[] => readdirSync(folder).sort();

test('a file that is large is set aside; no more are kept than asked for, and none that is not ours is touched', async () => {
  const clock = manualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  writeFileSync(join(folder, 'audit-notes.log'), 'mine');
  const file = new LogFile({ path: join(folder, 'audit.log'), clock, maxAge: 0, maxBackup: 2, maxSize: 20 });
  for (const word of ['first', 'second', 'third', 'fourth']) {
    file.write(`${word}-123456789\n`);
    await clock.advance(1000);
  }
  file.close();
  expect(names()).toEqual(['audit-2026-01-02T03-04-07.678.log', 'audit-2026-01-02T03-04-08.678.log', 'audit-notes.log', 'audit.log']);
  expect(readFileSync(join(folder, 'audit-2026-01-02T03-04-08.678.log'), 'utf8')).toBe('third-123456789\n');
  expect(readFileSync(join(folder, 'audit.log'), 'utf8')).toBe('fourth-123456789\n');
});

test('files set aside in one millisecond do not overwrite each other, and old ones go', async () => {
  const clock = manualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  const path = join(folder, 'deep', 'audit');
  const file = new LogFile({ path, clock, maxAge: 2, maxBackup: 0, maxSize: 4 });
  for (const word of ['one\n', 'two\n', 'six\n']) file.write(word);
  expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['audit', 'audit-2026-01-02T03-04-05.678', 'audit-2026-01-02T03-04-05.678-1']);
  await clock.advance(3 * 86_400_000);
  file.write('ten\n');
  file.close();
  expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['audit', 'audit-2026-01-05T03-04-05.678']);
});

test('what was there before stays', () => {
  const path = join(folder, 'audit.log');
  writeFileSync(path, 'before\n');
  const file = new LogFile({ path, clock: manualClock(), maxAge: 0, maxBackup: 0, maxSize: 0 });
  file.write('after\n');
  file.close();
  expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
});

test('a folder is no file', () => {
  expect(() => new LogFile({ path: folder, clock: manualClock(), maxAge: 0, maxBackup: 0, maxSize: 0 })).toThrow('EISDIR');
});
