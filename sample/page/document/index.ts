import './document.css';
import * as MessagePack from '@msgpack/msgpack';
import { connect, msgpack } from 'nestwire/client';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { DocumentProtocol } from '../../document/document.protocol.js';
import { showConnection } from '../connection-badge.js';
import { make } from '../dom.js';
import { chooseText } from '../language.js';
import { type Scene, type SceneContext } from '../scene.js';
import { DocumentLink } from './document-link.js';
import { createEditor } from './editor.js';
import { People } from './people.js';
import { type Texts, texts } from './texts.js';
import { Toolbar } from './toolbar.js';

/** Outlives the scene, so that what is not on the server yet is not lost with it. */
let doc = new Y.Doc();

export const scene: Scene = {
  mount(root, context) {
    const problem = make('p', 'problem');
    problem.role = 'alert';
    const place = make('div', '');
    root.append(problem, place);
    open(place, context, problem);
  },
};

/** What did not fit stays out of the document, and the document of the server takes the place of this one. */
function open(place: HTMLElement, context: SceneContext, problem: HTMLElement): void {
  const text = chooseText<Texts>(texts, context.language);
  const opened = new OpenDocument(doc, context, text);
  place.replaceChildren(opened.element);
  const leave = () => opened.close();
  context.signal.addEventListener('abort', leave);
  opened.link.full$.subscribe(() => {
    context.signal.removeEventListener('abort', leave);
    opened.close();
    doc = new Y.Doc();
    problem.textContent = text.full;
    open(place, context, problem);
  });
}

class OpenDocument {
  readonly element: HTMLElement;
  readonly link: DocumentLink;
  private readonly saving = make('p', 'document-saving');
  private readonly awareness: Awareness;
  private readonly editor: { destroy(): void };

  constructor(document: Y.Doc, context: SceneContext, text: Texts) {
    const client = connect('/document', { protocol: DocumentProtocol, codec: msgpack(MessagePack) });
    this.awareness = new Awareness(document);
    const people = new People(this.awareness, text);
    this.link = new DocumentLink(client, document, this.awareness);
    const toolbar = new Toolbar(text);
    const sheet = make('div', 'document-sheet');
    const badge = make('p', 'status');
    badge.role = 'status';
    showConnection(badge, client, context);
    this.showSaving(text);
    const bar = make(
      'div',
      'document-bar',
      toolbar.element,
      make('div', 'document-state', this.saving, badge),
    );
    const desk = make('div', 'document-desk', bar, sheet, make('p', 'document-keys', text.keys));
    this.element = make('div', 'document', desk, people.element);
    this.editor = createEditor(sheet, document.getXmlFragment('content'), this.awareness, toolbar, text);
    window.addEventListener('beforeunload', (event) => this.keepOpen(event), { signal: context.signal });
  }

  close(): void {
    this.editor.destroy();
    this.link.close();
    this.awareness.destroy();
  }

  private showSaving(text: Texts): void {
    this.saving.role = 'status';
    this.link.saving$.subscribe((saving) => {
      this.saving.textContent = text[saving];
      this.saving.dataset['saving'] = saving;
    });
  }

  /** The browser asks whether to leave. */
  private keepOpen(event: Event): void {
    if (this.link.hasUnsaved) event.preventDefault();
  }
}
