import { PROTOCOL_VERSION } from '../protocol.ts';
import type { TabMessage } from '../protocol.ts';

type Body = TabMessage extends infer M ? (M extends { version: number } ? Omit<M, 'version'> : never) : never;

/** The BroadcastChannel of one index: what the engine workers of its tabs tell each other. */
export class TabChannel {
  /** This worker's name on the channel. */
  readonly self: string = crypto.randomUUID();
  readonly #channel: BroadcastChannel | undefined;

  constructor(name: string, onMessage: (message: TabMessage) => void, onOtherVersion: () => void) {
    if (typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(`burrow:tabs:${name}`);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
      if (data.version === PROTOCOL_VERSION) onMessage(data);
      else onOtherVersion();
    });
  }

  post(message: Body): void {
    this.#channel?.postMessage({ version: PROTOCOL_VERSION, ...message });
  }

  close(): void {
    this.#channel?.close();
  }
}
