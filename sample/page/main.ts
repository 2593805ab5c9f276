import './styles/tokens.css';
import './styles/controls.css';
import './styles/shell.css';
import { Shell } from './shell/shell.js';

new Shell().start();
