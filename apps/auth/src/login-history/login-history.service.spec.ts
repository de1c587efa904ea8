import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoginAttempt } from './login-attempt.js';
import type { LoginHistoryRepository } from './login-history.repository.js';
import { LoginHistoryService } from './login-history.service.js';

describe('noting sign-ins', () => {
  const batches: (string | null)[][] = [];
  let fault: Error | undefined;
  let history: LoginHistoryService;

  beforeEach(() => {
    vi.useFakeTimers();
    batches.length = 0;
    fault = undefined;
    const insert = async (attempts: readonly LoginAttempt[]): Promise<void> => {
      if (fault) throw fault;
      batches.push(attempts.map(({ userId }) => userId));
    };
    history = new LoginHistoryService({ insert } as unknown as LoginHistoryRepository);
  });
  afterEach(() => vi.useRealTimers());

  function note(...users: string[]): void {
    const client = { ip: '192.0.2.1', userAgent: '' };
    for (const userId of users) history.record({ userId, method: 'password', outcome: 'success', client });
  }

  it('writes those of one moment together', async () => {
    note('a', 'b');
    await vi.advanceTimersByTimeAsync(100);
    note('c');
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('tries again what could not be written', async () => {
    fault = new Error('no disk');
    note('a');
    await vi.advanceTimersByTimeAsync(300);
    fault = undefined;
    await vi.advanceTimersByTimeAsync(1_500);
    expect(batches).toEqual([['a']]);
  });

  it('leaves none behind at shutdown', async () => {
    note('a', 'b');
    await history.onModuleDestroy();
    expect(batches).toEqual([['a', 'b']]);
  });
});
