import type { Device } from '@burrow/embed';

export type Theme = 'auto' | 'light' | 'dark';

/** What a person chose, kept in this browser. */
export interface Settings {
  theme: Theme;
  /** Id of the model, from models.ts. */
  model: string;
  device: 'auto' | Device;
}

const KEY = 'burrow-settings';
const DEFAULTS: Settings = { theme: 'auto', model: 'static-en', device: 'auto' };

export function readSettings(): Settings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof stored === 'object' && stored !== null ? { ...DEFAULTS, ...stored } : DEFAULTS;
  } catch {
    // Storage is forbidden or what is there is no JSON: the defaults work.
    return DEFAULTS;
  }
}

export function writeSettings(change: Partial<Settings>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...readSettings(), ...change }));
  } catch {
    // The choice then lasts until the page is closed.
  }
}
