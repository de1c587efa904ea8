/** The password of every user of the bench. */
export const PASSWORD = 'correct horse battery';

/** What apps/auth hashes with; 2 is argon2id. */
export const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };
