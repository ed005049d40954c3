/** Spreads a table over the machines of a Citus cluster. Not tried in Parley's tests. */

/** Tables that are spread by keys of one type lie side by side, row by row of the same key. May be run twice. */
export function distributeTable(table: string, key: string): string {
  return `SELECT create_distributed_table('${table}', '${key}')
    WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '${table}'::regclass)`;
}
