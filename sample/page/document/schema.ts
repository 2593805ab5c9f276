import { Schema } from 'prosemirror-model';
import { marks, nodes } from 'prosemirror-schema-basic';
import { bulletList, listItem, orderedList } from 'prosemirror-schema-list';

const { doc, paragraph, blockquote, heading, text, hard_break } = nodes;
const { strong, em, code } = marks;

/** What a document may consist of. No links and no images: what a stranger writes leads nowhere. */
export const schema = new Schema({
  nodes: {
    doc,
    paragraph,
    blockquote,
    heading,
    ordered_list: { ...orderedList, content: 'list_item+', group: 'block' },
    bullet_list: { ...bulletList, content: 'list_item+', group: 'block' },
    list_item: { ...listItem, content: 'paragraph block*' },
    hard_break,
    text,
  },
  marks: { strong, em, code },
});
