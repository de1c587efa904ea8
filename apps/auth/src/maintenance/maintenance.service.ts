import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { LeavingRepository } from '../account/leaving.repository.js';
import { SigningKeysService } from '../signing-keys/signing-keys.service.js';
import { MaintenanceRepository } from './maintenance.repository.js';

const EVERY_MS = 60 * 60_000;
const HISTORY_DAYS = 400;
const KEY_DAYS = 30;

@Injectable()
export class MaintenanceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(MaintenanceService.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: MaintenanceRepository,
    private readonly leaving: LeavingRepository,
    private readonly keys: SigningKeysService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.start(), EVERY_MS).unref();
    this.start();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Does everything that is due; returns at once when another process is at it. */
  async run(): Promise<void> {
    await this.step(() => this.repository.makeMonths());
    await this.step(() => this.repository.dropMonths(HISTORY_DAYS));
    await this.step(() => this.repository.truncateIps());
    await this.step(() => this.repository.forgetLoginOrigins());
    await this.step(() => this.leaving.forgetLateEvents());
    await this.step(() => this.repository.deleteExpired());
    await this.step(() => this.keys.forgetPrevious());
    await this.step(async () => {
      if ((await this.repository.signingKeyAgeDays()) >= KEY_DAYS) await this.keys.rotate();
    });
  }

  /** Each step is a transaction of its own: one that fails holds up no other. */
  private async step(work: () => Promise<void>): Promise<void> {
    try {
      await this.unitOfWork.run(async () => {
        if (await this.repository.tryLock()) await work();
      });
    } catch (error) {
      this.logger.error({ err: error }, 'A maintenance step failed');
    }
  }

  private start(): void {
    this.running ??= this.run().finally(() => (this.running = undefined));
  }
}
