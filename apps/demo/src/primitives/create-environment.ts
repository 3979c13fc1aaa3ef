import { createEffect, createSignal, onCleanup, type Accessor } from 'solid-js';
import { readSettings, writeSettings, type Theme } from '../settings.ts';

/** Whether a media query holds. */
export function createMedia(query: string): Accessor<boolean> {
  const list = window.matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  const onChange = (): void => void setMatches(list.matches);
  list.addEventListener('change', onChange);
  onCleanup(() => list.removeEventListener('change', onChange));
  return matches;
}

/** Whether the browser believes that it has a connection. */
export function createOnline(): Accessor<boolean> {
  const [online, setOnline] = createSignal(navigator.onLine);
  const onChange = (): void => void setOnline(navigator.onLine);
  window.addEventListener('online', onChange);
  window.addEventListener('offline', onChange);
  onCleanup(() => {
    window.removeEventListener('online', onChange);
    window.removeEventListener('offline', onChange);
  });
  return online;
}

/** Light, dark, or as the system has it; remembered. */
export function createTheme(): [Accessor<Theme>, (theme: Theme) => void] {
  const [theme, setTheme] = createSignal<Theme>(readSettings().theme);
  createEffect(() => {
    document.documentElement.dataset['theme'] = theme();
    writeSettings({ theme: theme() });
  });
  return [theme, setTheme];
}
