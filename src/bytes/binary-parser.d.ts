/**
 * The part of binary-parser that pyrewrite uses: fixed headers. (The package has declarations, but its
 * `exports` do not lead an ES module to them.)
 */
declare module 'binary-parser' {
  export class Parser {
    endianness(order: 'little' | 'big'): this;
    uint8(name: string): this;
    uint16(name: string): this;
    uint32(name: string): this;
    uint64(name: string): this;
    int32(name: string): this;
    int64(name: string): this;
    seek(length: number): this;
    doublele(name: string): this;
    string(name: string, options: { length: number; encoding?: string; stripNull?: boolean }): this;
    parse(bytes: Uint8Array): unknown;
  }
}
