/** Most marketing mails a day, and what holds when the user has not chosen. */
export const MOST_MARKETING_PER_DAY = 10;
