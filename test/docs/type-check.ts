/** Type-checks the snippets of pages against lib/, as if they were files of this project. */
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { type Page, ROOT, type Snippet } from './pages.js';

/** Where the snippets seem to lie: the files of one page are beside each other. */
const FOLDER = join(ROOT, 'test', 'docs', 'virtual');

/** @returns what the compiler says, each with page and line */
export function typeCheck(pages: readonly Page[]): string[] {
  const files = new Map(pages.flatMap((page) => virtualFiles(page)));
  const options = compilerOptions();
  const program = ts.createProgram([...files.keys()], options, hostWith(files, options));
  return [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((diagnostic) => describeProblem(files.get(path)!, source, diagnostic));
  });
}

function virtualFiles(page: Page): [path: string, snippet: Snippet][] {
  const folder = join(FOLDER, page.path);
  return page.snippets
    .filter(({ language }) => language === 'ts')
    .map((snippet) => [join(folder, snippet.file ?? `line-${snippet.line}.ts`), snippet]);
}

/** Those of the project, but for names that a snippet declares and leaves to its reader. */
function compilerOptions(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.json');
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  };
}

function hostWith(files: ReadonlyMap<string, Snippet>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  return {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    directoryExists: (path) => folders.has(path) || host.directoryExists!(path),
    getSourceFile: (path, languageOrOptions, onError) => {
      const snippet = files.get(path);
      if (!snippet) return host.getSourceFile(path, languageOrOptions, onError);
      return ts.createSourceFile(path, snippet.code, languageOrOptions);
    },
  };
}

function describeProblem({ page, line }: Snippet, source: ts.SourceFile, problem: ts.Diagnostic): string {
  const at = source.getLineAndCharacterOfPosition(problem.start ?? 0).line + line;
  return `${page}:${at} ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`;
}
