// The memory engine against the store's contract: as it is, frozen, and with so little history that packing and forgetting are at work.
import { manualClock } from '../../src/clock/manual-clock.js';
import { createMemoryStore } from '../../src/storage/memory/memory-store.js';
import { storeContract } from './store.contract.js';

storeContract('memory', async (setup) => createMemoryStore({ ...setup, clock: manualClock() }));
storeContract('memory, frozen', async (setup) => createMemoryStore({ ...setup, clock: manualClock(), freeze: true }));
storeContract('memory, old versions packed at once', async (setup) =>
  createMemoryStore({ ...setup, clock: manualClock(), unpackedEvents: 0 }),
);
