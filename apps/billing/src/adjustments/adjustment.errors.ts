import { DomainError } from '#libs/errors';

export class AdjustmentNotFoundError extends DomainError {
  constructor() {
    super('adjustment.not_found', 'not_found', 'There is no such adjustment waiting for a decision.');
  }
}

/** Four eyes: nobody agrees to an adjustment they have asked for, or of their own money. */
export class OwnAdjustmentError extends DomainError {
  constructor() {
    super('adjustment.own', 'forbidden', 'Another administrator has to agree to this adjustment.');
  }
}
