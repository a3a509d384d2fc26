import { nativeModule, openNative } from './native.ts';
import type { SqliteDatabase, SqliteOptions } from './types.ts';
import { openWasm } from './wasm.ts';

/**
 * A live database, for reading.
 * @throws Error where `engine` is native and the runtime has none
 */
export function openDatabase(path: string, { tables, engine }: SqliteOptions): SqliteDatabase {
  const native = engine === 'wasm' ? undefined : nativeModule();
  if (native !== undefined) return openNative(native, path, tables);
  if (engine === 'native') throw new Error('this runtime has no node:sqlite');
  return openWasm(path, tables);
}
