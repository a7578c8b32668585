import { describeStorage } from '../../../tests/conformance/storage.ts';
import { InMemoryStorage } from './in-memory-storage.ts';

describeStorage('InMemoryStorage', async () => {
  const it = new InMemoryStorage();
  return {
    it,
    complete: async (promise) => promise,
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
});
