/** DESIGN: imports point downward only. A layer may import the layers listed for it, and nothing else. */
const layers = {
  errors: [],
  diagnostics: [],
  protocol: ['errors'],
  session: ['diagnostics', 'protocol', 'errors'],
  channel: ['diagnostics', 'session', 'protocol', 'errors'],
  broker: ['channel', 'errors'],
  transport: ['diagnostics', 'session', 'protocol', 'errors'],
  testing: ['transport', 'session', 'protocol', 'errors'],
  client: ['protocol', 'errors'],
  opentelemetry: ['diagnostics', 'protocol', 'errors'],
  nest: ['diagnostics', 'broker', 'transport', 'channel', 'session', 'protocol', 'errors'],
};

/** Node's side of the client brings the WebSocket core, which a browser has built in. */
const nodeOnly = { path: '^lib/client/node/', below: 'transport/websocket' };

const downward = Object.entries(layers).map(([layer, below]) => ({
  name: `${layer}-imports-downward-only`,
  severity: 'error',
  from: { path: `^lib/${layer}/`, pathNot: nodeOnly.path },
  to: { path: '^lib/', pathNot: [layer, ...below].map((name) => `^lib/${name}/`) },
}));

module.exports = {
  forbidden: [
    ...downward,
    {
      name: 'client-node-imports-downward-only',
      severity: 'error',
      from: { path: nodeOnly.path },
      to: {
        path: '^lib/',
        pathNot: ['client', 'protocol', 'errors', nodeOnly.below].map((name) => `^lib/${name}/`),
      },
    },
    {
      name: 'client-runs-in-browsers',
      severity: 'error',
      from: { path: '^lib/client/', pathNot: nodeOnly.path },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: '^node_modules/rxjs/' },
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^lib/' }, to: { circular: true } },
    {
      name: 'protocol-is-sans-io',
      comment:
        'protocol/ knows no socket, timer, random source, zlib or Nest; node:buffer only below websocket/',
      severity: 'error',
      from: { path: '^lib/protocol/', pathNot: '^lib/protocol/websocket/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer'],
        pathNot: '^node_modules/@standard-schema/',
      },
    },
    {
      name: 'websocket-protocol-uses-buffer-only',
      severity: 'error',
      from: { path: '^lib/protocol/websocket/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer'], pathNot: '^(node:)?buffer$' },
    },
    {
      name: 'only-nest-knows-nest',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(nest/|index\\.ts)' },
      to: { path: 'node_modules/@nestjs/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node'],
      extensions: ['.ts', '.js'],
    },
  },
};
