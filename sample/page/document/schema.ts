import { type NodeSpec, Schema } from 'prosemirror-model';
import { marks, nodes } from 'prosemirror-schema-basic';
import { bulletList, listItem, orderedList } from 'prosemirror-schema-list';

const { doc, paragraph, blockquote, text, hard_break } = nodes;
const { strong, em, code } = marks;

/** Of two levels, whatever somebody else's page wrote as the level. */
const heading: NodeSpec = {
  ...nodes.heading,
  toDOM: ({ attrs }) => [attrs['level'] === 2 ? 'h2' : 'h1', 0],
};

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
