/**
 * The architecture as rules. Three sentences: apps never import apps; libs never import apps; nothing goes round in
 * a circle. Everything else here keeps those three honest.
 */
const tests = '\\.(spec|int-spec|e2e-spec)\\.ts$|^test/|^apps/[^/]+/test/|^libs/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment:
        'Imports go in a circle: let one side announce and the other listen, or move the shared step above both.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-stay-apart',
      severity: 'error',
      comment: 'Apps never import apps: they talk through events (#libs/contracts).',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-not-to-apps',
      severity: 'error',
      comment: 'Libs never import apps or migrations: hand the value in instead.',
      from: { path: '^libs/' },
      to: { path: '^(apps|migrations)/' },
    },
    {
      name: 'libs-by-front-door',
      severity: 'error',
      comment: 'A lib is entered by its index.ts only.',
      from: { path: '^(apps|migrations|test)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-by-front-door',
      severity: 'error',
      comment: 'A lib is entered by its index.ts only.',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/$1/|^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libs-by-alias',
      severity: 'error',
      comment: 'A lib is imported as #libs/<name>, never by a relative path.',
      from: { path: '^(apps|migrations|test)/' },
      to: { path: '^libs/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'libs-by-alias',
      severity: 'error',
      comment: 'A lib is imported as #libs/<name>, never by a relative path.',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'testing-lib-in-tests-only',
      severity: 'error',
      comment: 'libs/testing is for tests.',
      from: { path: '^(apps|libs|migrations)/', pathNot: tests },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'production-not-to-tools',
      severity: 'error',
      comment: 'Tools are what a developer runs; production never imports them.',
      from: { path: '^(apps|libs|migrations)/', pathNot: tests },
      to: { path: '^tools/' },
    },
    {
      name: 'production-not-to-dev-dependencies',
      severity: 'error',
      comment: 'The image holds production dependencies only: move the package to "dependencies" or drop the import.',
      from: { path: '^(apps|libs|migrations)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'production-not-to-tests',
      severity: 'error',
      comment: 'Production code never imports a test.',
      from: { path: '^(apps|libs|migrations|tools)/', pathNot: tests },
      to: { path: '\\.(spec|int-spec|e2e-spec)\\.ts$' },
    },
    {
      name: 'tools-stay-outside',
      severity: 'error',
      comment: 'Tools run beside the product: they use dist/ or the public API, never the sources of apps and libs.',
      from: { path: '^tools/' },
      to: { path: '^(apps|libs|migrations)/' },
    },
    {
      name: 'sql-may-be-cut',
      severity: 'error',
      comment:
        'A connection that is cut without a listener ends the process: tests and tools open theirs by sqlClient and sqlPool.',
      from: { path: `${tests}|^tools/`, pathNot: '^tools/local/sql\\.ts$' },
      to: { path: 'node_modules/pg/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contracts-do-no-io',
      severity: 'error',
      comment: 'libs/contracts describes messages: validation, crypto and DomainError, no I/O.',
      from: { path: '^libs/contracts/', pathNot: tests },
      to: {
        pathNot: [
          '^libs/(contracts|errors)/',
          '^(node:)?(crypto|url)$',
          'node_modules/(@nestjs/common|class-validator|class-transformer|reflect-metadata)/',
        ],
      },
    },
    {
      name: 'import-must-resolve',
      severity: 'error',
      comment: 'The file or package imported here does not exist.',
      from: { path: '^(apps|libs|migrations|test|tools)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'package-must-be-declared',
      severity: 'error',
      comment: 'The package is installed by accident only: declare it in package.json.',
      from: { path: '^(apps|libs|migrations|test|tools)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage|\\.local)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
