import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlightRoom, sendSlices, slices } from '../src/write-flow.ts';
import type { Slice } from '../src/write-flow.ts';
import type { SearchDocument } from '../src/types.ts';

const MEGABYTE = 1 << 20;
const ALLOWED = 64 * MEGABYTE;

const documentsOf = (lengths: number[]): SearchDocument[] =>
  lengths.map((length, i) => ({ id: `d${i}`, text: 'x'.repeat(length) }));

async function collect(lengths: number[]): Promise<Slice[]> {
  const all: Slice[] = [];
  for await (const slice of slices(documentsOf(lengths))) all.push(slice);
  return all;
}

describe('slices', () => {
  it('hold every document once, in order, and little each unless one document is large', async () => {
    const lengths = fc.array(fc.oneof(fc.nat(2000), fc.nat(2 * MEGABYTE)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(lengths, async (list) => {
        const cut = await collect(list);
        expect(cut.flatMap(({ documents }) => documents.map(({ id }) => id))).toEqual(
          list.map((_, i) => `d${i}`),
        );
        for (const { documents, bytes } of cut) {
          expect(documents.length).toBeLessThanOrEqual(64);
          if (documents.length > 1) expect(bytes).toBeLessThanOrEqual(2 * MEGABYTE);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('sendSlices', () => {
  it('keeps what was read and is not acknowledged within 64 MB, however much there is', async () => {
    // A gigabyte of documents of all sizes, answered in no particular order.
    let waiting = 0;
    let most = 0;
    let total = 0;
    const sizes = [1000, 50_000, MEGABYTE, 8 * MEGABYTE, 300, 15 * MEGABYTE];
    async function* source(): AsyncGenerator<SearchDocument> {
      for (let i = 0; total < 1024 * MEGABYTE; i++) {
        const text = 'x'.repeat(sizes[i % sizes.length]!);
        total += text.length * 2;
        waiting += text.length * 2;
        most = Math.max(most, waiting);
        yield { id: `d${i}`, text };
      }
    }
    const answers: (() => void)[] = [];
    const sending = sendSlices(slices(source()), async ({ documents }) => {
      await new Promise<void>((resolve) => {
        answers.push(resolve);
        // Answered when nothing more can be sent.
        queueMicrotask(() => queueMicrotask(() => answers.pop()?.()));
      });
      for (const { text } of documents) waiting -= text.length * 2;
    });
    await sending;
    expect(total).toBeGreaterThanOrEqual(1024 * MEGABYTE);
    expect(most).toBeLessThanOrEqual(ALLOWED);
    expect(waiting).toBe(0);
  });

  it('keeps all writes that share a room together within 64 MB, and lets each have its turn', async () => {
    const room = new FlightRoom();
    let inFlight = 0;
    let most = 0;
    const open: (() => void)[] = [];
    const done: number[] = [];
    const write = async (number: number): Promise<void> => {
      const lengths = Array.from({ length: 6 }, (_, i) => ((number * 7 + i * 3) % 9) * MEGABYTE + 10);
      await sendSlices(
        slices(documentsOf(lengths)),
        async ({ bytes }) => {
          inFlight += bytes;
          most = Math.max(most, inFlight);
          await new Promise<void>((resolve) => open.push(resolve));
          inFlight -= bytes;
        },
        room,
      );
      done.push(number);
    };
    const writes = Promise.all(Array.from({ length: 20 }, (_, number) => write(number)));
    // Whoever came last is answered first.
    for (let idle = 0; idle < 1000; idle = open.length > 0 ? 0 : idle + 1) {
      await undefined;
      open.pop()?.();
    }
    await writes;
    expect(done).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(ALLOWED);
    expect(most).toBeGreaterThan(ALLOWED / 4);
    expect(inFlight).toBe(0);
  });

  it('stops at the first slice that fails, after those under way', async () => {
    const sent: number[] = [];
    const sending = sendSlices(
      slices(documentsOf(Array.from({ length: 640 }, () => 10))),
      async (_, number) => {
        sent.push(number);
        if (number === 1) throw new Error('full');
      },
    );
    await expect(sending).rejects.toThrow('full');
    expect(sent.length).toBeLessThan(10);
  });
});
