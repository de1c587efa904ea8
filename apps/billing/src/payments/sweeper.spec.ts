import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SweeperService } from './sweeper.service.js';

describe('a sweep', () => {
  beforeEach(() => Logger.overrideLogger(false));
  afterEach(() => Logger.overrideLogger(['error']));

  it('goes on with the other parts when one fails', async () => {
    const done: string[] = [];
    const fail = (what: string) => (): Promise<never> => {
      done.push(what);
      return Promise.reject(new Error(`${what} failed`));
    };
    const sweeper = new SweeperService(
      { claimDue: fail('payments') } as never,
      {} as never,
      { work: fail('events'), giveUp: fail('given up') } as never,
      {} as never,
    );
    sweeper.alsoDo(fail('refunds'));
    sweeper.alsoDo(async () => void done.push('reports'));
    await sweeper.sweep();
    expect(done).toEqual(['events', 'given up', 'payments', 'refunds', 'reports']);
  });
});
