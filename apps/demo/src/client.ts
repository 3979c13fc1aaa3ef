import { openSearch, type Search, type SearchStats } from '@burrow/worker';
import { createSignal, onCleanup, type Accessor } from 'solid-js';
import { SCHEMA } from './documents.ts';
import { dtypeOf, modelChoice } from './models.ts';
import { readSettings } from './settings.ts';

const INDEX_NAME = 'burrow-demo';

/** Something that went wrong, in words for the person, with what to do. */
export interface AppError {
  code: string;
  message: string;
}

/** A message about what happened behind the scenes. */
export interface AppNotice {
  key: number;
  text: string;
  action?: { label: string; run(): void };
}

/** The one connection of the app to its engine. */
export interface Client {
  /** Undefined until the index is open. */
  search: Accessor<Search | undefined>;
  stats: Accessor<SearchStats | undefined>;
  /** Why the index could not be opened. */
  failure: Accessor<AppError | undefined>;
  notices: Accessor<AppNotice[]>;
  dismiss(key: number): void;
  notify(text: string, action?: AppNotice['action']): void;
  /** Asks for the stats anew, after a change that this tab made. */
  refresh(): Promise<void>;
}

/** Opens the index and follows what happens to it. */
export function createClient(): Client {
  const [search, setSearch] = createSignal<Search>();
  const [stats, setStats] = createSignal<SearchStats>();
  const [failure, setFailure] = createSignal<AppError>();
  const [notices, setNotices] = createSignal<AppNotice[]>([]);
  let key = 0;
  const notify = (text: string, action?: AppNotice['action']): void => {
    const notice = { key: key++, text, ...(action ? { action } : {}) };
    setNotices((all) => [...all.filter((other) => other.text !== text).slice(-2), notice]);
  };
  const refresh = async (): Promise<void> => {
    const current = await search()?.stats();
    if (current) setStats(current);
  };

  const open = async (): Promise<void> => {
    const settings = readSettings();
    const model = modelChoice(settings.model);
    try {
      const opened = await openSearch({
        name: INDEX_NAME,
        schema: SCHEMA,
        model: await model.load(),
        device: settings.device,
        dtype: dtypeOf(model),
      });
      opened.on('status', (event) => setStats(event.stats));
      opened.on('notice', (event) => notify(event.message));
      opened.on('backend-changed', (event) => notify(`The model now runs differently: ${event.reason}`));
      opened.on('restarted', (event) =>
        notify(`Search was restarted (${event.reason}). Nothing that was stored is lost.`),
      );
      const first = await opened.stats();
      for (const sentence of first.storage.recovery) notify(sentence);
      setStats(first);
      setSearch(opened);
    } catch (error) {
      setFailure(asAppError(error));
    }
  };
  void open();
  onCleanup(() => void search()?.close());

  const dismiss = (gone: number): void =>
    void setNotices((all) => all.filter((notice) => notice.key !== gone));
  return { search, stats, failure, notices, dismiss, notify, refresh };
}

/** Any error with its code and message. */
export function asAppError(error: unknown): AppError {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
  return { code, message: error.message };
}

/** Whether an error only says that somebody cancelled. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
