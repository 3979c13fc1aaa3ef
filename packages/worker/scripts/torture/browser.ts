import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHROMIUM_ARGS, chromiumPath } from '../../../../scripts/chromium.mjs';

const START_TIMEOUT = 30_000;

/** A real Chromium with a profile folder of its own, all its processes in one group. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #gone: Promise<void>;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    this.#gone = new Promise((resolve) => process.once('exit', () => resolve()));
  }

  /** Starts the browser with one tab. */
  static async start(profile: string, url: string): Promise<Browser> {
    await rm(join(profile, 'DevToolsActivePort'), { force: true });
    const path = chromiumPath() ?? (await import('playwright')).chromium.executablePath();
    const args = [
      ...CHROMIUM_ARGS,
      '--headless=new',
      '--disable-gpu',
      '--disable-breakpad',
      '--disable-features=CalculateNativeWinOcclusion',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ];
    const child = spawn(path, [...args, url], { detached: true, stdio: 'ignore' });
    return new Browser(child, profile);
  }

  /** Opens a further tab. */
  async open(url: string): Promise<void> {
    await this.#devtools(`new?${encodeURIComponent(url)}`, 'PUT');
  }

  /** Closes a tab at once, without asking it. */
  async closeTab(url: string): Promise<void> {
    const tabs = (await this.#devtools('list', 'GET')) as { id: string; url: string }[];
    const tab = tabs.find((one) => one.url === url);
    if (!tab) throw new Error(`There is no tab ${url}.`);
    await this.#devtools(`close/${tab.id}`, 'GET');
  }

  /** Signal 9 to the whole group; resolves when no process of this profile is left. */
  async kill(): Promise<void> {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('Chromium did not start.');
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      throw new Error('Chromium ended by itself.');
    process.kill(-pid, 'SIGKILL');
    await this.#gone;
    for (;;) {
      const left = await this.#leftOver();
      if (left.length === 0) return;
      // Some helpers start a group of their own.
      for (const id of left) {
        try {
          process.kill(id, 'SIGKILL');
        } catch {
          // Gone meanwhile.
        }
      }
      await delay(20);
    }
  }

  async #leftOver(): Promise<number[]> {
    const left: number[] = [];
    for (const entry of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(entry)) continue;
      const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
      if (command.includes(`--user-data-dir=${this.#profile}`)) left.push(Number(entry));
    }
    return left;
  }

  async #devtools(path: string, method: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${await this.#port()}/json/${path}`, { method });
    const text = await response.text();
    return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
  }

  async #port(): Promise<string> {
    const started = Date.now();
    for (;;) {
      const text = await readFile(join(this.#profile, 'DevToolsActivePort'), 'utf8').catch(() => '');
      const port = text.split('\n')[0];
      if (port) return port;
      if (Date.now() - started > START_TIMEOUT) throw new Error('Chromium did not start in time.');
      await delay(50);
    }
  }
}
