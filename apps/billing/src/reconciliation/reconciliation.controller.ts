import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { ValidationFailedError } from '#libs/errors';
import { ReconcileDto, ReconciliationListDto, ReconciliationReportDto } from './reconciliation.dto.js';
import { ReconciliationRepository } from './reconciliation.repository.js';
import { ReconciliationService } from './reconciliation.service.js';

const LONGEST_MS = 31 * 86_400_000;

@ApiTags('admin: reconciliations')
@Roles('admin', 'super_user')
@Controller('admin/reconciliations')
export class ReconciliationController {
  constructor(
    private readonly reconciliation: ReconciliationService,
    private readonly repository: ReconciliationRepository,
  ) {}

  /** The last reports. */
  @Get()
  async listReconciliations(): Promise<ReconciliationListDto> {
    return { items: await this.repository.list(60) };
  }

  /** Compares the books now, and credits what was captured and is not credited. */
  @Post()
  @HttpCode(200)
  async reconcile(
    @CurrentUser() user: Principal,
    @Body() { from, to }: ReconcileDto,
  ): Promise<ReconciliationReportDto> {
    if (to <= from || to.getTime() - from.getTime() > LONGEST_MS)
      throw new ValidationFailedError([{ field: 'to', message: 'to must be after from, by 31 days at most' }]);
    return this.reconciliation.reconcileFor(user.userId, from, to);
  }
}
