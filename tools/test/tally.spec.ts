import { describe, expect, it } from 'vitest';
import { count, exitCodeOf, lastLine, total, type VitestReport } from './tally.ts';

const report = (over: Partial<VitestReport>): VitestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...over,
});

describe('the tally of test runs', () => {
  it('adds up the runs into the last line', () => {
    const runs = [
      { report: report({ numPassedTests: 3, numPendingTests: 1 }), exitCode: 0 },
      { report: report({ numPassedTests: 2, numFailedTests: 1, numTodoTests: 1 }), exitCode: 1 },
    ];
    expect(lastLine(total(runs))).toBe('5 passed, 1 failed, 2 skipped');
  });

  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', name: 'a.spec.ts', assertionResults: [] }];
    expect(count({ report: report({ numPassedTests: 4, testResults }), exitCode: 1 })).toEqual({
      passed: 4,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts a run that crashed as a failure, with a report or without', () => {
    expect(count({ report: report({ numPassedTests: 4 }), exitCode: 1 }).failed).toBe(1);
    expect(count({ report: undefined, exitCode: 0 }).failed).toBe(1);
  });

  it('succeeds only when something ran and nothing failed', () => {
    expect(exitCodeOf({ passed: 1, failed: 0, skipped: 0 })).toBe(0);
    expect(exitCodeOf({ passed: 0, failed: 0, skipped: 3 })).toBe(1);
    expect(exitCodeOf({ passed: 9, failed: 1, skipped: 0 })).toBe(1);
  });
});
