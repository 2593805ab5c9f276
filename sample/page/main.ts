import './styles/tokens.css';
import './styles/controls.css';
import './styles/shell.css';
import { Shell } from './shell/shell.js';

// Before any scene brings zod: it would try `new Function`, which the page's Content-Security-Policy reports.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

new Shell().start();
