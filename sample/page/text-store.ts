/** Where the page keeps texts by name. */
export interface TextStore {
  read(key: string): string | undefined;
  write(key: string, value: string): void;
}
