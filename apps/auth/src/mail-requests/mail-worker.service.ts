import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { MailDispatchService } from './mail-dispatch.service.js';
import { MailRequestsRepository } from './mail-requests.repository.js';

/** Finds requests that another replica wrote down before it died. */
const POLL_MS = 1_000;

/** Works off the mail requests, woken by each new one. Any number of replicas may run it. */
@Injectable()
export class MailWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MailWorker.name);
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: MailRequestsRepository,
    private readonly dispatch: MailDispatchService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Says that there may be something to do. */
  wake(): void {
    this.again = true;
    this.working ??= this.workAll().finally(() => (this.working = undefined));
  }

  private async workAll(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        while (await this.workOne());
      } catch (error) {
        this.logger.warn(`Mail requests are left for later: ${(error as Error).message}`);
      }
    }
  }

  private async workOne(): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      const request = await this.requests.take();
      if (!request) return false;
      if (await this.requests.allow(request.email, request.purpose)) await this.dispatch.answer(request);
      return true;
    });
  }
}
