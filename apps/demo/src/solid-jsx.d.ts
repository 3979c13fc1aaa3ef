import 'solid-js';

declare module 'solid-js' {
  namespace JSX {
    interface ExplicitProperties {
      webkitdirectory: boolean;
    }
  }
}
