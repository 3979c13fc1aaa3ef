export function loadTensorFlow(): Promise<(ids: number[]) => Promise<Float32Array>>;
