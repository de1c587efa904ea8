import { Controller, Get, Inject, Injectable, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#libs/access';
import { renderMetrics } from '#libs/telemetry';

/** One dependency the service reports on. */
export interface HealthCheck {
  name: string;
  /** A critical dependency that fails makes the service not ready; any other makes it degraded. */
  critical: boolean;
  /** Resolves when the dependency works; rejects, or takes longer than a second, when it does not. */
  check(): Promise<unknown>;
}

/** Injection token of the app's list of HealthCheck. */
export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');

/** What `/health/ready` answers. */
export interface Readiness {
  status: 'ok' | 'degraded' | 'unavailable' | 'stopping';
  checks: Record<string, 'ok' | 'failed'>;
}

const CHECK_TIMEOUT_MS = 1_000;

/** Whether the service can do its work right now, and what is degraded. */
@Injectable()
export class HealthService implements OnModuleDestroy {
  private stopping = false;

  constructor(@Inject(HEALTH_CHECKS) private readonly checks: HealthCheck[]) {}

  /** From now on the service is not ready, so that load balancers take it out while it finishes what is in hand. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Asks every dependency at the same time. */
  async readiness(): Promise<Readiness> {
    const results = await Promise.all(
      this.checks.map(async ({ name, critical, check }) => ({ name, critical, ok: await settlesInTime(check()) })),
    );
    const failed = results.filter(({ ok }) => !ok);
    const status = failed.some(({ critical }) => critical) ? 'unavailable' : failed.length > 0 ? 'degraded' : 'ok';
    const checks = Object.fromEntries(
      results.map(({ name, ok }) => [name, ok ? ('ok' as const) : ('failed' as const)]),
    );
    return { status: this.stopping ? 'stopping' : status, checks };
  }
}

async function settlesInTime(work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** Probes and metrics, for the machines that watch the service. */
@Public()
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('health/live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    if (readiness.status === 'unavailable' || readiness.status === 'stopping') reply.status(503);
    return readiness;
  }

  @Get('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { contentType, body } = await renderMetrics();
    void reply.header('content-type', contentType);
    return body;
  }
}
