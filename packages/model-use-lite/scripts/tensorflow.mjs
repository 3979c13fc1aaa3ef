// Runs the original graph in TensorFlow.js: what the ONNX files are compared with.
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { readOriginal } from './original.mjs';

/** Token ids to vectors, one text at a time: (ids: number[]) => Promise<Float32Array>. */
export async function loadTensorFlow() {
  const { topology, specs, bytes } = await readOriginal();
  await tf.setBackend('cpu');
  const model = await loadGraphModel({
    load: async () => ({ modelTopology: topology, weightSpecs: specs, weightData: bytes.buffer }),
  });
  return async (ids) => {
    const indices = tf.tensor2d(
      ids.map((_, i) => [0, i]),
      [ids.length, 2],
      'int32',
    );
    const values = tf.tensor1d(ids, 'int32');
    const output = await model.executeAsync({ indices, values });
    const vector = Float32Array.from(await output.data());
    tf.dispose([indices, values, output]);
    return vector;
  };
}
