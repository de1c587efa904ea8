// Writes deploy/.env from env.template with fresh secrets. An existing file is kept: its passwords are in the volumes.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const target = new URL('.env', import.meta.url);
if (existsSync(target)) {
  console.log('deploy/.env exists and is kept');
} else {
  const template = readFileSync(new URL('env.template', import.meta.url), 'utf8');
  const filled = template
    .replaceAll(/=<random hex>$/gm, () => `=${randomBytes(24).toString('hex')}`)
    .replaceAll(/=<random 32 bytes>$/gm, () => `=${randomBytes(32).toString('base64')}`);
  writeFileSync(target, filled, { mode: 0o600 });
  console.log('deploy/.env written');
}
