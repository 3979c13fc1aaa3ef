import { createSignal, type Accessor } from 'solid-js';

export const VIEWS = ['summary', 'trends', 'peers', 'quality', 'here'] as const;
export type View = (typeof VIEWS)[number];

/** What the address says: a view and its filters. Every state of the page has an address of its own. */
export interface Route {
  view: View;
  machine: string;
  suite: string;
  model: string;
  quick: boolean;
}

const FIRST: Route = { view: 'summary', machine: '', suite: '', model: '', quick: false };

/** Reads `#/view?machine=…`; what is unknown falls back to the first view without filters. */
export function parseRoute(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, '').split('?');
  const parameters = new URLSearchParams(query);
  const view = VIEWS.find((one) => one === path) ?? FIRST.view;
  const text = (name: string): string => parameters.get(name) ?? '';
  return {
    view,
    machine: text('machine'),
    suite: text('suite'),
    model: text('model'),
    quick: parameters.get('quick') === '1',
  };
}

/** The address of a state; filters that are off are left out. */
export function formatRoute({ view, machine, suite, model, quick }: Route): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ machine, suite, model, quick: quick ? '1' : '' }))
    if (value) parameters.set(name, value);
  const query = parameters.toString();
  return `#/${view}${query ? `?${query}` : ''}`;
}

/** The route of the page's address, and how to change it. */
export function createRoute(): [Accessor<Route>, (change: Partial<Route>) => void] {
  const [route, setRoute] = createSignal(parseRoute(location.hash));
  addEventListener('hashchange', () => setRoute(parseRoute(location.hash)));
  return [
    route,
    (change) => {
      const next = formatRoute({ ...route(), ...change });
      if (next !== location.hash) location.hash = next;
    },
  ];
}
