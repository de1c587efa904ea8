import { DomainError } from '#libs/errors';

/** There is no campaign with this id. */
export class CampaignNotFoundError extends DomainError {
  constructor() {
    super('campaign.not_found', 'not_found', 'There is no such campaign.');
  }
}

/** What is asked does not fit where the campaign stands. */
export class CampaignStateError extends DomainError {
  constructor(status: string) {
    super('campaign.wrong_state', 'conflict', `The campaign is ${status}.`, { meta: { status } });
  }
}

/** A text is not a template of the allowed language, or reads a variable nobody fills in. */
export class CampaignContentError extends DomainError {
  constructor(locale: string, fault: string) {
    super('campaign.content_invalid', 'invalid', `The ${locale} text cannot be used: ${fault}`, { meta: { locale } });
  }
}
