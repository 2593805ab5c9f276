/** The parameters of a path: an object without a prototype, so that it has no names but theirs. */
export class PathParams {
  [name: string]: string;
}

// `Object.create(null)` would be a hash table, of seven times the size, in every session
Object.setPrototypeOf(PathParams.prototype, null);
Reflect.deleteProperty(PathParams.prototype, 'constructor');
