export { heapReset, heapSize, heapSort } from './heap';
export { scanAll, scanList, scanPrepare, scanTop, sumBlock } from './scan';
