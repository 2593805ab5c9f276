import './styles/tokens.css';
import './styles/controls.css';
import './styles/shell.css';
import { Shell } from './shell/shell.js';
import { keepZodFromEval } from './zod-without-eval.js';

// scenes are fetched later, with the protocols that they speak
keepZodFromEval();
new Shell().start();
