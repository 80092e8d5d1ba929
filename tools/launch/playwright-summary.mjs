import fs from 'node:fs';

/** Playwright reporter: writes `{ passed, failed, skipped: [{ name, reason }] }` to LIENDESK_SUMMARY_FILE. */
export default class PlaywrightSummary {
  #suite;
  #errors = 0;

  onBegin(_config, suite) {
    this.#suite = suite;
  }

  onError() {
    this.#errors += 1;
  }

  onEnd() {
    const summary = { passed: 0, failed: this.#errors, skipped: [] };
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'skipped') {
        const annotations = [...test.annotations, ...test.results.flatMap((result) => result.annotations ?? [])];
        const reason = annotations.find((one) => one.type === 'skip' || one.type === 'fixme')?.description;
        summary.skipped.push({ name: test.titlePath().filter(Boolean).join(' › '), reason });
      } else if (outcome === 'unexpected') summary.failed += 1;
      else summary.passed += 1;
    }
    fs.writeFileSync(process.env.LIENDESK_SUMMARY_FILE, JSON.stringify(summary));
  }

  printsToStdio() {
    return false;
  }
}
