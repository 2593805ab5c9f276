import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import { type Attrs, type MarkType, type NodeType } from 'prosemirror-model';
import { liftListItem, wrapInList } from 'prosemirror-schema-list';
import { type Command, type EditorState } from 'prosemirror-state';
import { redoCommand, undoCommand } from 'y-prosemirror';
import { schema } from './schema.js';
import { type Texts } from './texts.js';

/** A button of the toolbar. */
export interface Tool {
  readonly name: keyof Texts;
  /** What is on the button. */
  readonly sign: string;
  readonly command: Command;
  /** Whether what is selected has it; undefined for tools that do something once. */
  readonly isOn?: (state: EditorState) => boolean;
}

const { paragraph, heading, blockquote, bullet_list, ordered_list, list_item } = schema.nodes;
const { strong, em, code } = schema.marks;

export const tools: readonly Tool[] = [
  mark('strong', 'B', strong),
  mark('em', 'I', em),
  mark('code', '<>', code),
  block('heading', 'H1', { level: 1 }),
  block('subheading', 'H2', { level: 2 }),
  list('bullets', '•', bullet_list),
  list('numbers', '1.', ordered_list),
  wrapping('quote', '”', blockquote),
  { name: 'undo', sign: '↶', command: undoCommand },
  { name: 'redo', sign: '↷', command: redoCommand },
];

function mark(name: keyof Texts, sign: string, type: MarkType): Tool {
  return { name, sign, command: toggleMark(type), isOn: (state) => hasMark(state, type) };
}

function hasMark(state: EditorState, type: MarkType): boolean {
  const { from, to, empty, $from } = state.selection;
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined;
  return state.doc.rangeHasMark(from, to, type);
}

/** A second time makes it text again. */
function block(name: keyof Texts, sign: string, attrs: Attrs): Tool {
  const isOn = ({ selection }: EditorState) => selection.$from.parent.hasMarkup(heading, attrs);
  const command: Command = (state, dispatch) =>
    (isOn(state) ? setBlockType(paragraph) : setBlockType(heading, attrs))(state, dispatch);
  return { name, sign, command, isOn };
}

function list(name: keyof Texts, sign: string, type: NodeType): Tool {
  return toggled(name, sign, type, wrapInList(type), liftListItem(list_item));
}

function wrapping(name: keyof Texts, sign: string, type: NodeType): Tool {
  return toggled(name, sign, type, wrapIn(type), lift);
}

function toggled(name: keyof Texts, sign: string, type: NodeType, on: Command, off: Command): Tool {
  const isOn = (state: EditorState) => isWithin(state, type);
  return { name, sign, isOn, command: (state, dispatch) => (isOn(state) ? off : on)(state, dispatch) };
}

function isWithin({ selection: { $from } }: EditorState, type: NodeType): boolean {
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type === type) return true;
  return false;
}
