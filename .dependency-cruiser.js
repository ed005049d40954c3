/** The table of allowed arrows: `protocol` → signaling-server, bridge, main; `bridge` → main, renderer. Nothing else. */
const folder = (name) => `^${name}/`;

/** Files of `from` may import, of ours, only from `to`. */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(protocol|bridge|main|renderer|signaling-server|test|bench|scripts)/', pathNot: to },
});

const engine = '^main/engine/';
const shell = '^main/[^/]+[.]ts$';

export default {
  forbidden: [
    only('protocol-imports-nothing-of-ours', folder('protocol'), ['^protocol/']),
    only('relay-imports-protocol', folder('signaling-server'), ['^signaling-server/', '^protocol/']),
    only('bridge-imports-protocol', folder('bridge'), ['^bridge/', '^protocol/']),
    only('engine-imports-protocol-and-bridge', engine, [engine, '^protocol/', '^bridge/']),
    only('shell-imports-bridge', shell, [shell, '^bridge/', '^protocol/']),
    only('screens-import-bridge', folder('renderer'), ['^renderer/', '^bridge/']),
    {
      name: 'engine-never-imports-electron',
      severity: 'error',
      from: {
        path: [engine, folder('protocol'), '^bridge/(?!preload)', folder('renderer'), folder('signaling-server')],
      },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'acts-know-no-adapter',
      severity: 'error',
      comment: 'The relay’s acts, sockets and routes know the ports; only the entry and the commands pick adapters.',
      from: { path: '^signaling-server/(relay|socket|http|ports)/' },
      to: { path: '^signaling-server/adapters/' },
    },
    {
      name: 'pages-and-protocol-have-no-node',
      severity: 'error',
      from: { path: ['^renderer/', '^protocol/', '^bridge/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Types may name one another; code that runs may not depend on itself.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)vite[.]config[.]ts$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'types', 'node', 'default'],
    },
  },
};
