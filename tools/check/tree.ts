import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const GENERATED = new Set(['.git', 'node_modules', 'dist', '.local', 'coverage']);

/** The repository's own files and folders, as sorted paths relative to its root. */
export interface Tree {
  root: string;
  files: string[];
  folders: string[];
}

/** Walks the repository, leaving out what is installed, built or kept by git. Works in a checkout without git too. */
export function readTree(root: string): Tree {
  const files: string[] = [];
  const folders: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink() || GENERATED.has(entry.name)) continue;
      if (entry.isDirectory()) {
        folders.push(relative(root, path));
        walk(path);
      } else if (!/^\.env$|\.log$|\.tsbuildinfo$/.test(entry.name)) {
        files.push(relative(root, path));
      }
    }
  };
  walk(root);
  return { root, files: files.sort(), folders: folders.sort() };
}

/** A file of the tree as text. */
export function read(tree: Tree, file: string): string {
  return readFileSync(join(tree.root, file), 'utf8');
}
