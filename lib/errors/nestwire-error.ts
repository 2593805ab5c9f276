/**
 * The base of everything Nestwire throws or hands to an application.
 * `code` is a literal that programs may switch on; `message` is for people and carries the numbers.
 */
export abstract class NestwireError extends Error {
  abstract readonly code: string;

  override get name(): string {
    return this.constructor.name;
  }
}
