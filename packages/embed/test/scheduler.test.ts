import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part, PartResult } from '../src/engine.ts';
import type { EngineHost } from '../src/host.ts';
import { Scheduler } from '../src/scheduler.ts';

/** Answers with each text's length, and fails when told to. */
class CountingHost implements EngineHost {
  readonly parts: Part[] = [];
  /** Most parts that were open at a time. */
  most = 0;
  private open = 0;
  private failures: number;

  constructor(failures = 0) {
    this.failures = failures;
  }

  async start(): Promise<object> {
    return {};
  }

  async embed(part: Part): Promise<PartResult> {
    this.most = Math.max(this.most, ++this.open);
    await Promise.resolve();
    this.open--;
    if (this.failures-- > 0) throw new Error('device lost');
    this.parts.push(part);
    const lengths = part.texts.map((text) => text.length);
    return {
      data: Float32Array.from(lengths.flatMap((length) => [length, part.prefix.length])),
      tokens: Uint32Array.from(lengths),
      truncated: Uint8Array.from(lengths, (length) => (length > 20 ? 1 : 0)),
    };
  }

  dispose(): void {}
}

const scheduler = (
  hosts: EngineHost[],
  recover = async (): Promise<EngineHost[]> => [new CountingHost()],
  ahead?: number,
): Scheduler =>
  new Scheduler(hosts, { maxTokens: 64, size: () => ({ tokens: 30, texts: 4, ahead }), recover });
const options = { prefix: '', dimensions: 2, urgent: false };

describe('the scheduler', () => {
  it('puts every row where its text was, over any number of engines and failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
        async (texts, engines, failures, ahead) => {
          const hosts = Array.from({ length: engines }, () => new CountingHost(failures));
          const batch = await scheduler(hosts, undefined, ahead).run(texts, options);
          expect([...batch.data].filter((_, i) => i % 2 === 0)).toEqual(texts.map(({ length }) => length));
          expect(batch.truncated).toEqual(texts.flatMap(({ length }, i) => (length > 20 ? [i] : [])));
          expect([...batch.tokens]).toEqual(texts.map(({ length }) => length));
        },
      ),
    );
  });

  it('rejects what is open when recovery fails, and everything after', async () => {
    const failing = scheduler([new CountingHost(1)], async () => {
      throw new Error('nothing left');
    });
    const jobs = [failing.run(['a'], options), failing.run(['b'], options)];
    for (const job of jobs) await expect(job).rejects.toThrow('nothing left');
    await expect(failing.run(['c'], options)).rejects.toThrow('nothing left');
  });

  it('gives an engine as many parts at a time as it is to have', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    for (const ahead of [1, 2, 3]) {
      const hosts = [new CountingHost(), new CountingHost()];
      await scheduler(hosts, undefined, ahead).run(texts, options);
      expect(hosts.map(({ most }) => most)).toEqual([ahead, ahead]);
    }
  });

  it('takes urgent jobs between two parts of another', async () => {
    const host = new CountingHost();
    const { run } = ((s) => ({ run: s.run.bind(s) }))(scheduler([host]));
    const slow = run(
      Array.from({ length: 40 }, () => 'x'.repeat(30)),
      options,
    );
    const urgent = run(['query'], { ...options, prefix: 'q: ', urgent: true });
    await Promise.all([slow, urgent]);
    expect(host.parts.findIndex(({ prefix }) => prefix === 'q: ')).toBe(1);
  });

  it('sends no more parts of an aborted job', async () => {
    const host = new CountingHost();
    const controller = new AbortController();
    const job = scheduler([host]).run(
      Array.from({ length: 40 }, (_, i) => `text ${i}`),
      {
        ...options,
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      },
    );
    await expect(job).rejects.toThrow('enough');
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.parts).toHaveLength(1);
  });
});
