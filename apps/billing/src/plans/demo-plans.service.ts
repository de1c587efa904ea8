import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { DEMO_PLANS } from './demo-plans.js';
import { PlansRepository } from './plans.repository.js';

@Injectable()
export class DemoPlansService {
  constructor(
    private readonly repository: PlansRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Adds the demonstration's plans that are not there yet and returns how many were new. */
  async seed(): Promise<number> {
    return this.unitOfWork.run(async () => {
      let added = 0;
      for (const plan of DEMO_PLANS) if (await this.repository.add(plan)) added += 1;
      return added;
    });
  }
}
