import fs from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** Playwright reporter: writes what suites.mjs calls a summary to LIENDESK_SUMMARY_FILE. */
export default class PlaywrightSummary {
  #suite;
  #failures = [];

  onBegin(_config, suite) {
    this.#suite = suite;
  }

  onError(error) {
    this.#failures.push(failure('outside any test', error));
  }

  onEnd() {
    const summary = { passed: 0, failures: this.#failures, skipped: [] };
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      const name = test.titlePath().filter(Boolean).join(' › ');
      if (outcome === 'skipped') {
        const annotations = [...test.annotations, ...test.results.flatMap((result) => result.annotations ?? [])];
        const reason = annotations.find((one) => one.type === 'skip' || one.type === 'fixme')?.description;
        summary.skipped.push({ name, reason });
      } else if (outcome === 'unexpected') summary.failures.push(failure(name, test.results.at(-1)?.error));
      else summary.passed += 1;
    }
    fs.writeFileSync(process.env.LIENDESK_SUMMARY_FILE, JSON.stringify(summary));
  }

  printsToStdio() {
    return false;
  }
}

function failure(name, error) {
  return { name, message: error?.message && stripVTControlCharacters(error.message) };
}
