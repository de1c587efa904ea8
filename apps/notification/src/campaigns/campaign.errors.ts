import { DomainError } from '#libs/errors';
import type { TextFault } from '../templates/template-check.js';

/** There is no campaign with this id. */
export class CampaignNotFoundError extends DomainError {
  constructor() {
    super('campaign.not_found', 'not_found', 'There is no such campaign.');
  }
}

/** What is asked does not fit where the campaign stands. */
export class CampaignStateError extends DomainError {
  constructor(status: string) {
    super('campaign.wrong_state', 'conflict', `The campaign is ${status}.`, { meta: { campaignStatus: status } });
  }
}

/** Somebody has changed the campaign since it was looked at. */
export class CampaignChangedError extends DomainError {
  constructor() {
    super('campaign.changed', 'conflict', 'The campaign was changed meanwhile. Please look at it again.');
  }
}

/** A text is not a template of the allowed language, or reads a variable nobody fills in; `errors` names each fault by its language. */
export class CampaignContentError extends DomainError {
  constructor(locale: string, faults: TextFault[]) {
    super('campaign.content_invalid', 'invalid', 'The text cannot be used.', {
      meta: { errors: faults.map((fault) => ({ field: locale, ...fault })) },
    });
  }
}

/** Nobody is in the audience. */
export class AudienceEmptyError extends DomainError {
  constructor() {
    super('campaign.audience_empty', 'invalid', 'Nobody is in the audience.');
  }
}

/** The time of the start is over. */
export class StartInPastError extends DomainError {
  constructor() {
    super('campaign.start_in_past', 'invalid', 'The start must lie in the future.');
  }
}

/** A campaign to everybody was started a moment ago: perhaps the same one by mistake. */
export class ConfirmationNeededError extends DomainError {
  constructor() {
    super(
      'campaign.confirmation_needed',
      'conflict',
      'Everybody was written to a moment ago. Send "confirm": true to do it again.',
    );
  }
}

/** A large campaign waits for a second administrator. */
export class ApprovalNeededError extends DomainError {
  constructor(recipients: number) {
    super('campaign.approval_needed', 'conflict', 'So large a campaign needs the approval of a second administrator.', {
      meta: { recipients },
    });
  }
}

/** Nobody approves what they have written themselves, be it a part. */
export class OwnApprovalError extends DomainError {
  constructor() {
    super('campaign.own_approval', 'forbidden', 'Another administrator must approve your campaign.');
  }
}

/** A test goes to the administrator, whose address is not known. */
export class NoAddressForTestError extends DomainError {
  constructor() {
    super('campaign.no_test_address', 'conflict', 'Your own address is not known here yet.');
  }
}
