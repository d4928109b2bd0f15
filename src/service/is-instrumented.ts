/** How a site table begins (docs/reference/formats/site-table.md): only instrumented code holds one. */
const TABLE_START = Buffer.from('PYRWSITE\x01\0\0\0', 'latin1');

/** Whether marshal data, or a whole .pyc, has its probes already. */
export function isInstrumented(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(TABLE_START);
}
