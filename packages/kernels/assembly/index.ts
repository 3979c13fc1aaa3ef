export { attention, attentionScratch, rotateRows, softmaxRows } from './attention';
export { attentionInt8, attentionInt8Scratch } from './attention-int8';
export { gemmFloat, multiplyFloat, packInputs, packOutputs } from './gemm-f32';
export { gemmGrouped, gemmInt8 } from './gemm-int8';
export { heapReset, heapSize, heapSort } from './heap';
export { activateRows, layerNormRows, normaliseRows, poolMax, poolMean, quantiseRows, quantiseRowsFine } from './rows';
export { scanAll, scanList, scanPrepare, scanTop, scoreList, sumBlock } from './scan';
