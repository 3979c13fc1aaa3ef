// (module (func (result v128) (i32x4.relaxed_trunc_f32x4_s (v128.const …0)))): the smallest module with a relaxed instruction.
const PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 25, 1, 23, 0, 253, 12, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 253, 129, 2, 11,
]);

/** Whether this engine has relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(PROBE);
}
