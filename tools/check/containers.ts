import { checkCompose } from './compose.ts';
import { checkDockerfile, parseDockerfile } from './dockerfile.ts';
import type { Step } from './finding.ts';
import { read, readTree } from './tree.ts';

/** The Dockerfile and docker-compose.yml, read without an engine. */
export const containers: Step = {
  name: 'containers',
  run(root) {
    const tree = readTree(root);
    const missing = ['Dockerfile', 'docker-compose.yml', '.env.example', 'deploy/env.template'].filter(
      (file) => !tree.files.includes(file),
    );
    if (missing.length > 0) return missing.map((file) => ({ file, rule: 'file-exists', message: 'is missing' }));
    const stages = parseDockerfile(read(tree, 'Dockerfile'));
    return [...checkDockerfile(tree, stages), ...checkCompose(tree, stages)];
  },
};
