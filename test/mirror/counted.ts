import type { BucketStore } from '../../src/store/types.ts';

/** A store that notes every call: `create main/e000000/part-00000000.jsonl.gz`. */
export function counted(inner: BucketStore): { readonly store: BucketStore; readonly calls: string[] } {
  const calls: string[] = [];
  const noted = new Set(['create', 'overwrite', 'get', 'list', 'remove']);
  const store = new Proxy(inner, {
    get(target, name: keyof BucketStore) {
      const member = target[name];
      if (typeof member !== 'function' || !noted.has(name)) return member;
      return (key: string, ...rest: never[]) => {
        calls.push(`${name} ${withinSession(key)}`);
        return (member as (...all: unknown[]) => unknown).call(target, key, ...rest);
      };
    },
  });
  return { store, calls };
}

function withinSession(key: string): string {
  return key.replace(/^p\/(sessions\/[^/]+\/[^/]+\/)?/, '').replace(/^catalog\/[^/]+/, 'catalog');
}
