import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containers } from './containers.ts';
import type { Finding } from './finding.ts';
import { plant } from './planted-repository.ts';

const project = join(import.meta.dirname, '../..');
const files = ['Dockerfile', 'docker-compose.yml', '.dockerignore'];
const original = new Map(files.map((file) => [file, readFileSync(join(project, file), 'utf8')]));
const copied = ['deploy', '.npmrc', 'LICENSE', ...files];
const known = [...(original.get('docker-compose.yml') ?? '').matchAll(/^ +([A-Z][A-Z_]+): /gm)].map(
  (match) => match[1],
);
const sources = {
  '.env.example': [
    '# --- auth, billing, notification',
    ...known.map((name) => `# ${name}=1`),
    '# --- billing',
    '# Key; required',
    '# STRIPE_SECRET_KEY=',
    '',
  ].join('\n'),
  'apps/notification/public/panel.js': '',
  'apps/notification/src/main.ts': '',
  'migrations/run.ts': '',
  'tools/sandbox/main.ts': '',
};

async function check(file: string, from: string, to: string): Promise<Finding[]> {
  const text = original.get(file) ?? '';
  expect(text).toContain(from);
  const repository = plant({ ...sources, [file]: text.replace(from, to) }, copied);
  const findings = await containers.run(repository.root);
  repository.remove();
  return findings;
}

describe('the check of the Dockerfile', () => {
  it.each([
    ['an image that is not pinned', 'FROM node:24.21.0-trixie-slim', 'FROM node:24-slim', 'image-pinned'],
    ['a service image that runs as root', 'USER node\nCMD ["node", "dist/', 'CMD ["node", "dist/', 'image-non-root'],
    ['development dependencies in the service image', 'npm ci --omit=dev', 'npm ci', 'no-dev-dependencies'],
    ['a source that does not exist', 'COPY libs libs', 'COPY library libs', 'copy-source-exists'],
    ['a source that never reaches the engine', 'COPY libs libs', 'COPY .oxlintrc.json ./', 'copy-source-exists'],
    [
      'files that an app serves but the image lacks',
      'COPY apps/notification/public apps/notification/public\n',
      '',
      'assets-in-image',
    ],
    ['a secret in the image', 'ENV NODE_ENV=production', 'ENV STRIPE_SECRET_KEY=sk_live_1', 'no-secrets-in-image'],
  ])('refuses %s', async (_, from, to, rule) => {
    expect(await check('Dockerfile', from, to)).toContainEqual(expect.objectContaining({ file: 'Dockerfile', rule }));
  });

  it('passes as it is', async () => {
    expect(await check('Dockerfile', 'WORKDIR /app', 'WORKDIR /app')).toEqual([]);
  });
});

describe('the check of docker-compose.yml', () => {
  it.each([
    ['a service that is gone', '\n  mailpit:\n', '\n  mailcatcher:\n', 'compose-service'],
    ['an image that is not pinned', 'image: redis:7.2.16', 'image: redis:latest', 'image-pinned'],
    ['a service without a health check', 'test: [CMD, /mailpit, readyz]', 'start_period: 1s', 'healthcheck'],
    ['a writable root file system', 'read_only: true', 'read_only: false', 'read-only-root'],
    ['kept capabilities', 'cap_drop: [ALL]', 'cap_drop: []', 'drop-capabilities'],
    ['new privileges', "security_opt: ['no-new-privileges:true']", 'security_opt: []', 'no-new-privileges'],
    ['a missing limit', "limits: { cpus: '1', memory: 384M, pids: 50 }", 'limits: { pids: 50 }', 'resource-limits'],
    ['a container that runs as root', 'user: redis', 'user: root', 'image-non-root'],
    [
      'a start that does not wait',
      'rabbitmq: { condition: service_healthy }',
      'rabbitmq: { condition: service_started }',
      'depends-on',
    ],
    ['a store open to the network', "ports: ['127.0.0.1:16686:16686']", "ports: ['16686:16686']", 'ports-on-loopback'],
    [
      'a secret written out',
      'REDISCLI_AUTH: ${REDIS_PASSWORD:?}\n    volumes',
      'RABBITMQ_PASSWORD: hunter2\n    volumes',
      'no-default-secrets',
    ],
    ['a variable no service reads', 'AUTH_HOST: 0.0.0.0', 'AUTH_HOSTS: 0.0.0.0', 'variable-known'],
    [
      'a service without a variable it requires',
      '      STRIPE_SECRET_KEY: ${STRIPE_SECRET_KEY:?}\n',
      '',
      'variable-given',
    ],
    ['a variable nobody provides', '${STRIPE_SECRET_KEY:?}', '${STRIPE_KEY:?}', 'compose-variable'],
    ['a port that is not published', "BILLING_PORT: '3002'", "BILLING_PORT: '3012'", 'ports-match'],
    ['a command without a source', 'dist/apps/billing/src/main.js', 'dist/apps/billing/src/start.js', 'command-exists'],
    ['what is no YAML', 'name: ', 'name: [', 'yaml'],
    ['a mount of nothing', './deploy/mongodb/create-users.js', './deploy/mongodb/gone.js', 'volume-exists'],
  ])('refuses %s', async (_, from, to, rule) => {
    const findings = await check('docker-compose.yml', from, to);
    expect(findings).toContainEqual(expect.objectContaining({ file: 'docker-compose.yml', rule }));
  });

  it('passes as it is', async () => {
    expect(await check('docker-compose.yml', 'name:', 'name:')).toEqual([]);
  });
});

describe('deploy/make-env.mjs', () => {
  it('fills in every secret afresh and keeps an existing file', () => {
    const repository = plant({}, ['deploy']);
    const make = () =>
      spawnSync(process.execPath, ['deploy/make-env.mjs'], { cwd: repository.root, encoding: 'utf8' }).stdout;
    const written = () => readFileSync(join(repository.root, 'deploy/.env'), 'utf8');
    const outputs = [make(), written(), make(), written()];
    repository.remove();
    expect(outputs).toEqual(['deploy/.env written\n', outputs[1], 'deploy/.env exists and is kept\n', outputs[1]]);
    const secrets = [...(outputs[1] ?? '').matchAll(/=([0-9a-f]{48}|[\w+/]{43}=)$/gm)].map((match) => match[1]);
    expect(outputs[1]).not.toContain('=<random');
    expect(secrets.length).toBeGreaterThan(10);
    expect(new Set(secrets).size).toBe(secrets.length);
  });
});
