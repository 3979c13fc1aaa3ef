import type { JSX } from 'solid-js';
import type { AppError } from '../client.ts';

const ADVICE: Record<string, string> = {
  'store-newer':
    'Another tab or visit has a newer version of Burrow. Reload to get it; your documents are untouched.',
  'version-skew':
    'Another tab has a different version of Burrow. Close the other tabs and reload; your documents are untouched.',
  'store-damaged':
    'Nothing was changed or deleted. Reload once; should it stay so, keep the browser profile and report it.',
  'worker-failed': 'Reload the page. Where that does not help, check that this browser is up to date.',
};

/** The index could not be opened: what happened, and what to do. */
export function Failure(props: { error: AppError }): JSX.Element {
  return (
    <section class="welcome" role="alert">
      <h1>Your index could not be opened</h1>
      <p>{props.error.message}</p>
      <p>{ADVICE[props.error.code] ?? 'Nothing was deleted. Reload the page to try again.'}</p>
      <button type="button" class="button button-primary" onClick={() => location.reload()}>
        Reload
      </button>
    </section>
  );
}
