import { baseKeymap, chainCommands, toggleMark } from 'prosemirror-commands';
import { keymap } from 'prosemirror-keymap';
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list';
import { type Command, EditorState, Plugin } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';
import { redoCommand, undoCommand, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror';
import { type Awareness } from 'y-protocols/awareness';
import { type XmlFragment } from 'yjs';
import { cursorOf, selectionOf } from './people.js';
import { schema } from './schema.js';
import { type Texts } from './texts.js';
import { type Toolbar } from './toolbar.js';

const { list_item, hard_break } = schema.nodes;
const { strong, em, code } = schema.marks;

/** An editor of the shared text; the tools show and change what is selected in it. */
export function createEditor(
  host: HTMLElement,
  content: XmlFragment,
  awareness: Awareness,
  toolbar: Toolbar,
  text: Texts,
): EditorView {
  const plugins = [
    ySyncPlugin(content) as Plugin,
    yCursorPlugin(awareness, { cursorBuilder: cursorOf, selectionBuilder: selectionOf }) as Plugin,
    yUndoPlugin(),
    keys(toolbar),
    keymap(baseKeymap),
    new Plugin({ view: () => ({ update: (view) => toolbar.show(view) }) }),
  ];
  const view = new EditorView(host, {
    state: EditorState.create({ schema, plugins }),
    // y-prosemirror shows cursors a moment later, when the editor may be gone
    dispatchTransaction(this: EditorView, transaction) {
      if (!this.isDestroyed) this.updateState(this.state.apply(transaction));
    },
    attributes: {
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-label': text.document,
      class: 'document-text',
    },
  });
  toolbar.show(view);
  return view;
}

function keys(toolbar: Toolbar): Plugin {
  return keymap({
    'Mod-b': toggleMark(strong),
    'Mod-i': toggleMark(em),
    'Mod-e': toggleMark(code),
    'Mod-z': undoCommand,
    'Mod-y': redoCommand,
    'Mod-Shift-z': redoCommand,
    Enter: splitListItem(list_item),
    'Mod-]': sinkListItem(list_item),
    'Mod-[': liftListItem(list_item),
    'Shift-Enter': chainCommands(breakLine),
    'Alt-F10': () => {
      toolbar.focus();
      return true;
    },
  });
}

const breakLine: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(hard_break.create()).scrollIntoView());
  return true;
};
