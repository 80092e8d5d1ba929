import fs from 'node:fs';

/** Vitest reporter: writes `{ passed, failed, skipped: [{ name, reason }] }` to LIENDESK_SUMMARY_FILE. */
export default class VitestSummary {
  onTestRunEnd(testModules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const testModule of testModules) {
      let failedTests = 0;
      for (const test of testModule.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') failedTests += 1;
        else summary.skipped.push({ name: `${testModule.relativeModuleId} › ${test.fullName}`, reason: note });
      }
      // A file that could not be loaded, or a hook that threw, has no failed test to show for it.
      if (failedTests === 0 && testModule.state() === 'failed') failedTests = 1;
      summary.failed += failedTests;
    }
    fs.writeFileSync(process.env.LIENDESK_SUMMARY_FILE, JSON.stringify(summary));
  }
}
