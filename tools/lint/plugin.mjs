import { importWalls } from './import-walls.mjs';
import { noAmbientProcess, noAmbientTime } from './ambient.mjs';
import { unusedWords } from './unused-words.mjs';

/** oxlint plugin with the rules that only this repository has. */
export default {
  meta: { name: 'liendesk' },
  rules: {
    'import-walls': importWalls,
    'no-ambient-time': noAmbientTime,
    'no-ambient-process': noAmbientProcess,
    'unused-words': unusedWords,
  },
};
