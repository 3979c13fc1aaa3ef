/** What the WebAssembly file exports. Pointers are byte offsets; documentation is beside the code in assembly/. */
export interface KernelExports {
  heapReset(scores: number, slots: number, k: number): void;
  heapSize(): number;
  heapSort(): number;
  scanPrepare(
    metric: number,
    rows: number,
    bytes: number,
    query: number,
    factors: number,
    cosines: number,
    scale: number,
    square: number,
  ): void;
  scanTop(from: number, to: number, live: number, filter: number): void;
  scanAll(from: number, to: number, out: number): void;
  scanList(list: number, count: number): void;
  sumBlock(from: number, bytes: number): number;
}
