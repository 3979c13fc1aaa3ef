import { PROTOCOL_VERSION } from '../protocol.ts';
import type { TabMessage } from '../protocol.ts';

type Body = TabMessage extends infer M ? (M extends { version: number } ? Omit<M, 'version'> : never) : never;

export interface TabListener {
  onMessage(message: TabMessage): void;
  /** A tab of another version of the app spoke. */
  onOtherVersion(which: 'newer' | 'older'): void;
}

/** The BroadcastChannel of one index: what the engine workers of its tabs tell each other. */
export class TabChannel {
  /** This worker's name on the channel. */
  readonly self: string = crypto.randomUUID();
  readonly #channel: BroadcastChannel | undefined;

  constructor(name: string, listener: TabListener) {
    if (typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(`burrow:tabs:${name}`);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
      if (data.version === PROTOCOL_VERSION) listener.onMessage(data);
      else listener.onOtherVersion(data.version > PROTOCOL_VERSION ? 'newer' : 'older');
    });
  }

  post(message: Body): void {
    this.#channel?.postMessage({ version: PROTOCOL_VERSION, ...message });
  }

  close(): void {
    this.#channel?.close();
  }
}
