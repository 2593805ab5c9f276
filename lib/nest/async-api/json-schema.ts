/** Schemas of any library as JSON Schema, which AsyncAPI describes messages by. */
import type { StandardSchema } from '../../protocol/index.js';

/** A JSON Schema of draft 7, of which AsyncAPI's own is a superset. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/**
 * Makes JSON Schema of a schema; undefined for one that has none.
 * @param side what a sender writes, or what a receiver gets after defaults and transformations
 */
export type ToJsonSchema = (schema: StandardSchema, side: 'input' | 'output') => JsonSchema | undefined;

/** Standard JSON Schema v1 (https://standardschema.dev/json-schema), which zod and arktype have. */
interface WithJsonSchema {
  readonly jsonSchema?: Record<'input' | 'output', (options: { readonly target: string }) => unknown>;
}

/** By the schema's own means. Undefined where it has none, and for what JSON Schema cannot say. */
export const standardJsonSchema: ToJsonSchema = (schema, side) => {
  const { jsonSchema } = schema['~standard'] as WithJsonSchema;
  try {
    const made = jsonSchema?.[side]({ target: 'draft-07' }) as Record<string, unknown>;
    // said once, by the document
    return Object.fromEntries(Object.entries(made).filter(([keyword]) => keyword !== '$schema'));
  } catch {
    return undefined;
  }
};
