import { type JSX } from 'solid-js';
import { Pickers, type AddActions } from './AddMenu.tsx';

/** Before there are documents: what this is, that nothing leaves the device, and three ways to begin. */
export function Welcome(props: AddActions): JSX.Element {
  return (
    <section class="welcome" aria-labelledby="welcome-title">
      <svg class="welcome-drawing" viewBox="0 0 320 96" aria-hidden="true">
        <path class="ground" d="M0 84 H96 C124 84 128 24 160 24 C192 24 196 84 224 84 H320" />
        <path class="hole" d="M138 84 V70 a22 22 0 0 1 44 0 V84 Z" />
        <path class="grass" d="M40 84 l-5 -10 M44 84 l2 -12 M48 84 l7 -9 M262 84 l-4 -8 M266 84 l3 -11 M102 80 l-4 -7" />
      </svg>
      <h1 id="welcome-title">Search your own documents, by words and by meaning.</h1>
      <p class="welcome-promise">Everything happens in this browser. Nothing you add leaves this device, and it works offline.</p>
      <Pickers onFiles={props.onFiles}>
        {(pick) => (
          <div class="drop-area">
            <p class="drop-area-title">Drop files or folders here</p>
            <p class="drop-area-formats">Text, Markdown, web pages, PDF, Word, CSV and JSON</p>
            <div class="button-row">
              <button type="button" class="button button-primary" onClick={pick.files}>
                Choose files
              </button>
              <button type="button" class="button" onClick={pick.folder}>
                Choose a folder
              </button>
            </div>
          </div>
        )}
      </Pickers>
      <p class="welcome-sample">
        Nothing at hand?{' '}
        <button type="button" class="link" onClick={() => props.onSamples()}>
          Try the sample collection
        </button>
        , the documentation of some two hundred open-source packages.
      </p>
    </section>
  );
}
