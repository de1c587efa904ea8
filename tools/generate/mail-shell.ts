// Writes the HTML around every mail from its MJML source; --check only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mjml from 'mjml';
import { format, resolveConfig } from 'prettier';

const root = join(import.meta.dirname, '../..');
const source = 'apps/notification/src/templates/shell.mjml';
const target = 'apps/notification/src/templates/shell-html.ts';

/** The document without what only its writers need: indentation, empty lines, and no fonts from elsewhere. */
async function compile(text: string): Promise<string> {
  const { html } = await mjml(text, { validationLevel: 'strict', beautify: true, keepComments: false, fonts: {} });
  const lines = html.split('\n').map((line) => line.trim());
  return lines.filter(Boolean).join('\n');
}

const html = await compile(readFileSync(join(root, source), 'utf8'));
const module = `// Made from shell.mjml by tools/generate/mail-shell.ts: change that and generate.\nexport const SHELL_HTML = ${JSON.stringify(html.split('\n'))}.join('\\n');\n`;
const wanted = await format(module, { ...(await resolveConfig(join(root, target))), parser: 'typescript' });
const path = join(root, target);
if (!existsSync(path) || readFileSync(path, 'utf8') !== wanted) {
  if (process.argv.includes('--check')) {
    console.error(`differs: ${target}`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    console.log(`wrote ${target}`);
  }
}
