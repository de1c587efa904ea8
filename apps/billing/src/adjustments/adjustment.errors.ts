import { DomainError } from '#libs/errors';

export class AdjustmentNotFoundError extends DomainError {
  constructor() {
    super('adjustment.not_found', 'not_found', 'There is no such adjustment waiting for a decision.');
  }
}

/** Four eyes: nobody agrees to their own adjustment. */
export class OwnAdjustmentError extends DomainError {
  constructor() {
    super('adjustment.own', 'forbidden', 'Another administrator has to agree to this adjustment.');
  }
}
