import { render } from 'solid-js/web';
import { App } from './page/App.tsx';
import { loadHistory } from './page/history.ts';
import './page/styles.css';

render(() => <App history={loadHistory()} />, document.getElementById('root')!);
