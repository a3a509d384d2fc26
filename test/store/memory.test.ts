import { memoryStore } from '../../src/store/memory.ts';
import { storeContract } from './contract.ts';
import { testRuntime } from './runtime.ts';

storeContract('memory', async () => ({ store: memoryStore(testRuntime()), prefix: 'run/' }));
