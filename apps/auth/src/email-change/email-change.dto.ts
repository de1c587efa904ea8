import { IsString, MaxLength } from 'class-validator';
import { EmailField } from '../users/email.decorator.js';

/** The address to move to. */
export class ChangeEmailDto {
  @EmailField()
  readonly email!: string;
}

/** The answer that is the same for every address. */
export class EmailChangeAcceptedDto {
  readonly message = 'If the address can be used, a mail is on its way to it.';
}

/** The token of a link. */
export class ConfirmEmailDto {
  @IsString()
  @MaxLength(200)
  readonly token!: string;
}

/** The address is another one now. */
export class EmailConfirmedDto {
  readonly confirmed = true;
}

/** The previous address is back. */
export class EmailUndoneDto {
  readonly undone = true;
}
