import './styles/tokens.css';
import './styles/layout.css';
import './styles/chat.css';
import { startChat } from './chat/chat-scene.js';
import { byId } from './dom.js';
import { bindThemeButton } from './theme.js';

bindThemeButton(byId('theme', HTMLButtonElement));
startChat();
