import fs from 'node:fs';

/** Vitest reporter: writes what suites.mjs calls a summary to LIENDESK_SUMMARY_FILE. */
export default class VitestSummary {
  onTestRunEnd(testModules, unhandledErrors) {
    const summary = {
      passed: 0,
      failures: unhandledErrors.map((error) => failure('outside any test', [error])),
      skipped: [],
    };
    for (const testModule of testModules) {
      const failures = [];
      for (const test of testModule.children.allTests()) {
        const { state, note, errors } = test.result();
        const name = `${testModule.relativeModuleId} › ${test.fullName}`;
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') failures.push(failure(name, errors));
        else summary.skipped.push({ name, reason: note });
      }
      // A file that could not be loaded, or a hook that threw, has no failed test to show for it.
      if (failures.length === 0 && testModule.state() === 'failed') {
        failures.push(failure(testModule.relativeModuleId, testModule.errors()));
      }
      summary.failures.push(...failures);
    }
    fs.writeFileSync(process.env.LIENDESK_SUMMARY_FILE, JSON.stringify(summary));
  }
}

function failure(name, errors) {
  return { name, message: errors?.[0]?.message };
}
