import type { LinearWeights } from '@burrow/kernels';
import { readSafetensors, type Tensor, toFloat32 } from '../safetensors.ts';
import {
  afterPadding,
  type Activation,
  type Layer,
  type ModelConfig,
  type Norm,
  type Table,
  type TextModel,
  unrecognised,
} from './model.ts';

const ACTIVATIONS: Record<string, Activation> = {
  gelu: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
};

/**
 * Reads an encoder of BERT, RoBERTa or jina-bert out of a safetensors file as PyTorch saves it.
 * @throws EmbedError `unsupported` when the architecture is not known here, `invalid-model` for a damaged file.
 */
export function recogniseSafetensors(file: Uint8Array, config: ModelConfig): TextModel {
  const tensors = readSafetensors(new Uint8Array(file.buffer, file.byteOffset, file.byteLength));
  const find = (name: string): Tensor | undefined => {
    for (const prefix of ['', 'bert.', 'roberta.', 'model.', '0.auto_model.']) {
      const tensor = tensors.get(prefix + name);
      if (tensor) return tensor;
    }
    return undefined;
  };
  const get = (name: string): Tensor => {
    const tensor = find(name);
    if (!tensor) throw unrecognised(`${name} is missing`);
    return tensor;
  };
  const table = (name: string): Table => {
    const tensor = get(name);
    return { rows: tensor.shape[0]!, width: tensor.shape[1]!, values: toFloat32(tensor) };
  };
  const linear = (name: string): LinearWeights => {
    const weight = get(`${name}.weight`);
    const [outputs, inputs] = weight.shape as [number, number];
    const bias = find(`${name}.bias`);
    return { inputs, outputs, order: 'outputs', values: toFloat32(weight), bias: bias && toFloat32(bias) };
  };
  const norm = (name: string): Norm => ({
    weight: toFloat32(find(`${name}.weight`) ?? get(`${name}.gamma`)),
    bias: toFloat32(find(`${name}.bias`) ?? get(`${name}.beta`)),
    epsilon: config.layer_norm_eps ?? 1e-12,
  });
  const gated = find('encoder.layer.0.mlp.gated_layers.weight') !== undefined;
  const heads = config.num_attention_heads;
  if (!heads) throw unrecognised('config.json names no number of attention heads');
  const act = config.hidden_act ?? 'gelu';
  const activation = gated ? 'gelu' : ACTIVATIONS[act];
  if (!activation) throw unrecognised(`its activation is ${act}`);
  if (!gated && (config.position_embedding_type ?? 'absolute') !== 'absolute')
    throw unrecognised('its positions are relative');
  if (find('encoder.layer.0.attention.self.layer_norm_q.weight')) throw unrecognised('it normalises queries');
  const word = table('embeddings.word_embeddings.weight');
  const layers: Layer[] = [];
  for (let i = 0; find(`encoder.layer.${i}.attention.self.query.weight`); i++) {
    const at = `encoder.layer.${i}`;
    layers.push({
      qkv: ['query', 'key', 'value'].map((part) => linear(`${at}.attention.self.${part}`)),
      heads,
      scale: 1 / Math.sqrt(word.width / heads),
      output: linear(`${at}.attention.output.dense`),
      norm1: norm(`${at}.attention.output.LayerNorm`),
      up: linear(gated ? `${at}.mlp.gated_layers` : `${at}.intermediate.dense`),
      gated,
      activation,
      down: linear(gated ? `${at}.mlp.wo` : `${at}.output.dense`),
      norm2: norm(gated ? `${at}.mlp.layernorm` : `${at}.output.LayerNorm`),
    });
  }
  if (layers.length === 0) throw unrecognised('its layers have none of the names of BERT encoders');
  const position = gated ? undefined : table('embeddings.position_embeddings.weight');
  const type = find('embeddings.token_type_embeddings.weight');
  return {
    family: gated ? 'jina-bert' : 'bert',
    norm: 'post',
    word,
    type: type && toFloat32(type).slice(0, word.width),
    position:
      position && /roberta|camembert/.test(config.model_type ?? '')
        ? afterPadding(position, config)
        : position,
    norm0: norm('embeddings.LayerNorm'),
    layers,
    alibi: gated,
  };
}
