import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** The panel's script and style files, read once: only these names are served, so no path leads elsewhere. */
@Injectable()
export class PanelAssets {
  private readonly files = new Map<string, { type: string; body: Buffer }>();

  constructor() {
    const folder = join(packageRoot(import.meta.dirname), 'apps/notification/public');
    for (const name of readdirSync(folder)) {
      const type = TYPES[extname(name)];
      if (type) this.files.set(name, { type, body: readFileSync(join(folder, name)) });
    }
  }

  find(name: string): { type: string; body: Buffer } {
    const file = this.files.get(name);
    if (!file) throw new DomainError('route.not_found', 'not_found', 'There is no such file.');
    return file;
  }
}

/** The sources and the build lie at different depths; the files are in one place. */
function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
