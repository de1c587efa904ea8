import { defineConfig } from 'vitest/config';

/** `#libs/*` means the TypeScript sources in tests; the built files are for the services. */
const conditions = ['source'];

/** Tests in which a delay counts: each has both cores to itself. Those that only count what arrived need no such care. */
const alone = [
  'test/revocation.e2e-spec.ts',
  'test/messaging/{broker-faults,poison}.e2e-spec.ts',
  'apps/auth/test/enumeration.e2e-spec.ts',
  'apps/billing/test/**/promptness.e2e-spec.ts',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    env: { NODE_ENV: 'test' },
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs,migrations,tools}/**/*.spec.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,libs,migrations,tools}/**/*.int-spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['apps/*/test/**/*.e2e-spec.ts', 'test/**/*.e2e-spec.ts'],
          testTimeout: 120_000,
          exclude: alone,
          hookTimeout: 240_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
