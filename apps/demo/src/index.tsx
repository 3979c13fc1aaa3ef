import './trusted-types.ts';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/reader.css';
import { render } from 'solid-js/web';
import { App } from './App.tsx';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no element #app.');
render(() => <App />, root);
