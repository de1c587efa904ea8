import { createHash } from 'node:crypto';
import type { Journal, Table } from '../core/journal.ts';

export interface GoogleAccount {
  sub: string;
  email: string;
  email_verified: boolean;
  name: string;
  given_name: string;
  family_name: string;
  picture?: string;
  hd?: string;
  note: { en: string; ru: string };
}

const PICTURE = 'https://lh3.googleusercontent.com/a/sandbox=s96-c';

const SEEDS: readonly GoogleAccount[] = [
  seed(
    '100000000000000000001',
    'anna.petrova@gmail.com',
    'Anna',
    'Petrova',
    { picture: PICTURE },
    'verified',
    'почта подтверждена',
  ),
  seed(
    '100000000000000000002',
    'ivan.unverified@example.com',
    'Ivan',
    'Orlov',
    { email_verified: false, picture: PICTURE },
    'e-mail not verified',
    'почта не подтверждена',
  ),
  seed(
    '100000000000000000003',
    'maria@cinema.example',
    'Maria',
    'Smith',
    { hd: 'cinema.example', picture: PICTURE },
    'workspace',
    'рабочая организация',
  ),
  seed('100000000000000000004', 'no.picture@gmail.com', 'Lee', 'Wong', {}, 'no picture', 'без фотографии'),
  seed(
    '100000000000000000005',
    'renamed.after@gmail.com',
    'Olga',
    'Renamed',
    { picture: PICTURE },
    'was renamed.before@gmail.com',
    'раньше была renamed.before@gmail.com',
  ),
  seed(
    '100000000000000000006',
    'anna.petrova@gmail.com',
    'Anna',
    'Second',
    { picture: PICTURE },
    'same e-mail, another subject',
    'та же почта, другой номер',
  ),
];

function seed(
  sub: string,
  email: string,
  given: string,
  family: string,
  extra: Partial<GoogleAccount>,
  noteEn: string,
  noteRu: string,
): GoogleAccount {
  return {
    sub,
    email,
    email_verified: true,
    name: `${given} ${family}`,
    given_name: given,
    family_name: family,
    note: { en: noteEn, ru: noteRu },
    ...extra,
  };
}

/** The accounts one can sign in with: the seeds, those typed on the page, and what the control plane changed. */
export class GoogleAccounts {
  readonly #table: Table<GoogleAccount>;

  constructor(journal: Journal) {
    this.#table = journal.table('google.accounts');
    this.seed();
  }

  seed(): void {
    for (const account of SEEDS) if (!this.#table.get(account.sub)) this.#table.put(account.sub, { ...account });
  }

  list(): GoogleAccount[] {
    return this.#table.values();
  }

  find(sub: string): GoogleAccount | undefined {
    return this.#table.get(sub);
  }

  /** By subject or e-mail; the first account with that e-mail wins. */
  hinted(hint: string): GoogleAccount | undefined {
    return this.#table.get(hint) ?? this.list().find((account) => account.email === hint);
  }

  save(account: GoogleAccount): GoogleAccount {
    return this.#table.put(account.sub, account);
  }

  /** An account for any typed address, always with the same subject. */
  forEmail(email: string, name: string): GoogleAccount {
    const known = this.hinted(email);
    if (known) return known;
    const [given = email, ...rest] = (name || email.split('@')[0] || email).split(' ');
    const account = seed(
      subjectOf(email),
      email,
      given,
      rest.join(' ') || 'Sandbox',
      { picture: PICTURE },
      'typed by hand',
      'введена вручную',
    );
    return this.save(account);
  }
}

/** 21 digits that depend on the address alone. */
function subjectOf(email: string): string {
  const number = BigInt(`0x${createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 24)}`);
  return `11${String(number % 10n ** 19n).padStart(19, '0')}`;
}
