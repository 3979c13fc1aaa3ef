import { render } from 'solid-js/web';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { App } from '../../src/page/App.tsx';
import { loadHistory, type History } from '../../src/page/history.ts';
import { machineClass } from '../../src/records/points.ts';
import '../../src/page/styles.css';

let history: History;
let dispose: (() => void) | undefined;

beforeAll(async () => {
  history = await loadHistory();
});

afterEach(() => {
  dispose?.();
  dispose = undefined;
  location.hash = '';
});

function open(hash: string, shown: History = history): void {
  location.hash = hash;
  const root = document.createElement('div');
  root.id = 'root';
  document.body.replaceChildren(root);
  dispose = render(() => <App history={Promise.resolve(shown)} />, root);
}

describe('the dashboard on the real history', () => {
  it('has records, all of them readable', () => {
    expect(history.records.length).toBeGreaterThan(0);
    expect(history.unreadable).toEqual([]);
  });

  it('says in words what the newest run shows and what was not measured', async () => {
    open('#/summary?quick=1');
    const newest = history.records.at(-1)!;
    await expect.element(page.getByRole('heading', { level: 2, name: 'The newest run' })).toBeVisible();
    for (const { suite, skipped } of newest.suites) {
      await expect.element(page.getByRole('heading', { level: 3, name: suite })).toBeVisible();
      for (const { reason } of skipped) expect(document.body.textContent).toContain(reason);
    }
  });

  it('draws a chart with a table for each group of figures that share an axis', async () => {
    open('#/trends?quick=1');
    await expect.element(page.getByRole('img').first()).toBeVisible();
    const charts = document.querySelectorAll('.chart canvas');
    expect(charts.length).toBeGreaterThan(2);
    expect(document.querySelectorAll('.panel details table').length).toBe(charts.length);
    for (const canvas of charts) expect(isDrawn(canvas as HTMLCanvasElement)).toBe(true);
    const software = [...document.querySelectorAll('figcaption')].filter(({ textContent }) =>
      /software adapter/.test(textContent!),
    );
    for (const caption of software)
      expect(caption.parentElement!.querySelectorAll('.legend li').length).toBe(1);
  });

  it('keeps filters in the address and reads them from it', async () => {
    const machine = machineClass(history.records[0]!.environment);
    open(`#/peers?quick=1&machine=${encodeURIComponent(machine)}`);
    await expect.element(page.getByLabelText('Machine')).toHaveValue(machine);
    await userEvent.selectOptions(page.getByLabelText('Suite'), 'embed');
    expect(new URLSearchParams(location.hash.split('?')[1]).get('suite')).toBe('embed');
    await userEvent.click(page.getByRole('link', { name: 'Over time' }));
    expect(location.hash).toMatch(/^#\/trends\?.*suite=embed/);
    open('#/trends?quick=1&machine=another');
    await expect.element(page.getByText('No record fits these filters.')).toBeVisible();
  });

  it('hides quick runs unless they are asked for, and says so', async () => {
    const quick = { records: history.records.map((record) => ({ ...record, quick: true })), unreadable: [] };
    open('#/summary', quick);
    await expect.element(page.getByText('Quick runs are hidden')).toBeVisible();
    await userEvent.click(page.getByLabelText('show quick runs'));
    await expect.element(page.getByRole('heading', { level: 3 }).first()).toBeVisible();
  });

  it('marks a regression with its commits', async () => {
    const base = history.records.find(({ suites }) => suites.some(({ suite }) => suite === 'embed'))!;
    const suites = base.suites.filter(({ suite }) => suite === 'embed');
    const figure = {
      ...suites[0]!.figures[0]!,
      calibration: 100,
      samples: [[100], [101], [102], [103], [104]],
    };
    const with_ = (date: string, hash: string, factor: number) => ({
      ...base,
      date,
      quick: false,
      commit: { ...base.commit, hash: hash.repeat(40) },
      suites: [
        {
          ...suites[0]!,
          figures: [
            { ...figure, value: 102 * factor, samples: figure.samples.map(([value]) => [value! * factor]) },
          ],
        },
      ],
    });
    const factor = figure.better === 'higher' ? 0.7 : 1.4;
    open('#/trends', {
      records: [with_('2026-01-01T00:00:00.000Z', 'a', 1), with_('2026-01-02T00:00:00.000Z', 'b', factor)],
      unreadable: [],
    });
    await expect.element(page.getByText('regression', { exact: true })).toBeVisible();
    await expect.element(page.getByText('aaaaaaaa..bbbbbbbb')).toBeVisible();
  });

  it('fits a phone without scrolling sideways', async () => {
    await page.viewport(360, 740);
    for (const view of ['summary', 'trends', 'peers', 'quality', 'here']) {
      open(`#/${view}?quick=1`);
      await expect.element(page.getByRole('heading', { level: 2 })).toBeVisible();
      expect(document.documentElement.scrollWidth, view).toBeLessThanOrEqual(360);
    }
    await page.viewport(1280, 800);
  });
});

describe('measuring on this device', () => {
  const choose = async (): Promise<void> => {
    open('#/here');
    await userEvent.click(page.getByLabelText(/^Embedding\./));
    await userEvent.click(page.getByLabelText(/^Operators\./));
    await userEvent.click(page.getByRole('button', { name: 'Measure on this device' }));
  };

  it('runs a suite in quick mode, with progress, and shows its figures', async () => {
    await choose();
    await expect.element(page.getByRole('progressbar')).toBeVisible();
    await expect.element(page.getByTestId('results'), { timeout: 55_000 }).toBeVisible();
    await expect.element(page.getByRole('cell', { name: /GOP\/s/ }).first()).toBeVisible();
    expect(document.body.textContent).toContain('needs a browser that was started with other flags');
  });

  it('stops at once when it is cancelled, while it starts and in the middle', async () => {
    for (const when of [/starting/, /matmul int8 16 × 384 × 1536: burrow/]) {
      await choose();
      await expect.element(page.getByText(when)).toBeVisible();
      await userEvent.click(page.getByRole('button', { name: 'Cancel' }));
      await expect.element(page.getByRole('alert')).toHaveTextContent('Cancelled. Nothing was kept.');
      await expect.element(page.getByRole('button', { name: 'Measure on this device' })).toBeVisible();
      dispose?.();
    }
  });
});

/** Whether anything but transparent pixels is there. */
function isDrawn(canvas: HTMLCanvasElement): boolean {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}
