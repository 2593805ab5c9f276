/** What README tells its reader to write and to do, done. */
import { once } from 'node:events';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'nestwire/websocket';
import { type Snippet, readPage } from '../../docs/pages.js';

const { snippets } = readPage('README.md');

/** The first block in a language. */
const first = (language: string): Snippet => snippets.find((snippet) => snippet.language === language)!;

export const README = {
  /** Path below src/ and content, with the lobby among the providers, where README has its reader put it. */
  files: snippets.flatMap(({ file, code }): [string, string][] =>
    file === undefined ? [] : [[file.replace(/^src\//, ''), withLobby(code)]],
  ),
  /** What the page prints. */
  printed: first('text').code.trim().split('\n'),
};

function withLobby(code: string): string {
  const added = code.replace('providers: [GreetingGateway]', 'providers: [GreetingGateway, LobbyGateway]');
  return added === code ? code : `import { LobbyGateway } from './lobby.gateway.js';\n${added}`;
}

/** Pastes README's page script into something like a console. @returns the first lines that it prints */
export function pageConsole(host: string, lines: number): Promise<string[]> {
  const printed: string[] = [];
  return new Promise((resolve) => {
    const log = (line: string): void => {
      if (printed.push(line) === lines) resolve(printed);
    };
    runInNewContext(first('js').code, { WebSocket, location: { host }, console: { log } });
  });
}

/** Two clients in the lobby, one of whom says something. @returns what each got */
export async function lobbyTalk(host: string): Promise<unknown[]> {
  const clients = [1, 2].map(() => new WebSocket(`ws://${host}/lobby`));
  await Promise.all(clients.map((client) => once(client, 'open')));
  const heard = clients.map((client) => once(client, 'message') as Promise<[Buffer]>);
  clients[0]!.send(JSON.stringify({ event: 'say', data: { text: 'hi' } }));
  const messages = (await Promise.all(heard)).map(([data]) => JSON.parse(data.toString()) as object);
  for (const client of clients) client.close();
  return messages;
}
