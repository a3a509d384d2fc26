/** What is used of sql.js 1.16. */
declare module 'sql.js' {
  type Value = null | string | number | bigint | Uint8Array;
  interface Statement {
    bind(values: readonly (string | number)[]): boolean;
    step(): boolean;
    get(parameters: null, options: { readonly useBigInt: true }): Value[];
    getColumnNames(): string[];
    free(): boolean;
  }
  interface Database {
    prepare(sql: string): Statement;
    close(): void;
  }
  interface SqlJs {
    readonly Database: new (bytes: Uint8Array) => Database;
  }
  export default function initSqlJs(): Promise<SqlJs>;
}
