import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../processes/program.ts';
import { coreApiText } from './core-api-text.ts';

writeFileSync(path.join(projectRoot, 'docs/core-api.md'), coreApiText());
