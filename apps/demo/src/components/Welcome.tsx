import { type JSX } from 'solid-js';
import { Pickers, type AddActions } from './AddMenu.tsx';

/** Before there are documents: what this is, that nothing leaves the device, and three ways to begin. */
export function Welcome(props: AddActions): JSX.Element {
  return (
    <section class="welcome" aria-labelledby="welcome-title">
      <svg class="welcome-drawing" viewBox="0 0 320 96" aria-hidden="true">
        <path class="ground" d="M0 84 H62 C104 84 112 22 160 22 C208 22 216 84 258 84 H320" />
        <path class="hole" d="M132 84 V72 a28 28 0 0 1 56 0 V84 Z" />
        <path
          class="ears"
          d="M151 84 C143 72 145 58 150 56 C156 58 157 70 156 80 M169 84 C177 72 175 58 170 56 C164 58 163 70 164 80"
        />
        <path class="ears" d="M146 84 a14 12 0 0 1 28 0 Z" />
        <path
          class="grass"
          d="M30 84 l-5 -9 M34 84 l2 -12 M38 84 l7 -8 M276 84 l-4 -8 M280 84 l3 -11 M285 84 l7 -7 M86 76 l-6 -7 M90 73 l-1 -9"
        />
      </svg>
      <h1 id="welcome-title">Search your own documents, by words and by meaning.</h1>
      <p class="welcome-promise">
        Everything happens in this browser. Nothing you add leaves this device, and it works offline.
      </p>
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
