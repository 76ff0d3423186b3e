import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { manualClock } from '../../clock/manual-clock.js';
import { followFile } from './follow-file.js';

const folder = mkdtempSync(join(tmpdir(), 'follow-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('tells of new texts, of files that cannot be read, and of links that are turned', async () => {
  const clock = manualClock();
  const path = join(folder, 'link');
  writeFileSync(join(folder, 'one'), 'one');
  writeFileSync(join(folder, 'two'), 'two');
  symlinkSync(join(folder, 'one'), path);
  const told: string[] = [];
  const stop = followFile({
    path,
    text: 'one',
    clock,
    changed: (text) => {
      told.push(text);
      if (text === 'bad') throw new Error('that is no configuration');
    },
    failed: (error) => told.push((error as Error).message.split(',')[0]!),
  });
  /** Time goes on until so much has been told. */
  const tells = async (...wanted: readonly string[]): Promise<void> => {
    while (told.length < wanted.length) {
      await clock.advance(1000);
      await turn();
    }
    expect(told).toEqual(wanted);
  };
  symlinkSync(join(folder, 'two'), join(folder, 'next'));
  renameSync(join(folder, 'next'), path);
  await tells('two');
  writeFileSync(join(folder, 'two'), 'bad');
  await tells('two', 'bad', 'that is no configuration');
  rmSync(join(folder, 'two'));
  await tells('two', 'bad', 'that is no configuration', 'ENOENT: no such file or directory');
  writeFileSync(join(folder, 'two'), 'three');
  await tells('two', 'bad', 'that is no configuration', 'ENOENT: no such file or directory', 'three');
  stop();
});
