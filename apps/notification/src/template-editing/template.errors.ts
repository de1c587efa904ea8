import { DomainError } from '#libs/errors';
import type { TemplateFault } from '../templates/template-check.js';

/** There is no template of this name, or no such version of it. */
export class TemplateNotFoundError extends DomainError {
  constructor() {
    super('template.not_found', 'not_found', 'There is no such template, or no such version of it.');
  }
}

/** Somebody has changed the draft since it was looked at, or published one meanwhile. */
export class TemplateChangedError extends DomainError {
  constructor() {
    super('template.changed', 'conflict', 'The template was changed meanwhile. Please look at it again.');
  }
}

/** There is no draft to publish, or it says what is sent already. */
export class NothingToPublishError extends DomainError {
  constructor() {
    super('template.nothing_to_publish', 'conflict', 'There is nothing new to publish.');
  }
}

/** The texts cannot be used; `errors` names each fault by its language. */
export class TemplateInvalidError extends DomainError {
  constructor(faults: TemplateFault[]) {
    super('template.content_invalid', 'invalid', 'The text cannot be used.', {
      meta: { errors: faults.map(({ locale, ...fault }) => ({ field: locale, ...fault })) },
    });
  }
}

/** No user has this id or address. */
export class PreviewUserNotFoundError extends DomainError {
  constructor() {
    super('template.preview_user_unknown', 'invalid', 'No user has this address or id.');
  }
}

/** A test goes to the administrator, whose address is not known. */
export class NoAddressForTestError extends DomainError {
  constructor() {
    super('template.no_test_address', 'conflict', 'Your own address is not known here yet.');
  }
}
