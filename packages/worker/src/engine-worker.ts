import { expose } from 'comlink';
import { EngineHost } from './engine-host.ts';

expose(new EngineHost());
