const DAY = 86_400;
/** The daily update is stamped a little after midnight UTC. */
const UPDATE_AT = 151;

export interface Update {
  last: number;
  next: number;
}

/** When the answer at `nowSeconds` was made, and when the next one comes. */
export function updateTimes(nowSeconds: number): Update {
  const last = Math.floor((nowSeconds - UPDATE_AT) / DAY) * DAY + UPDATE_AT;
  return { last, next: last + DAY + 480 };
}

/** The answer's body; `rates` are units per one `base`, and text where a fault put it. */
export function latestBody(
  base: string,
  rates: Record<string, number | string>,
  update: Update,
  keyed: boolean,
): object {
  const times = {
    time_last_update_unix: update.last,
    time_last_update_utc: rfcDate(update.last),
    time_next_update_unix: update.next,
    time_next_update_utc: rfcDate(update.next),
  };
  if (keyed) {
    return {
      result: 'success',
      documentation: 'https://www.exchangerate-api.com/docs',
      terms_of_use: 'https://www.exchangerate-api.com/terms',
      ...times,
      base_code: base,
      conversion_rates: rates,
    };
  }
  return {
    result: 'success',
    provider: 'https://www.exchangerate-api.com',
    documentation: 'https://www.exchangerate-api.com/docs/free',
    terms_of_use: 'https://www.exchangerate-api.com/terms',
    ...times,
    time_eol_unix: 0,
    base_code: base,
    rates,
  };
}

/** Six decimals, as the provider sends. */
export function rounded(rate: number): number {
  return Number(rate.toFixed(6));
}

function rfcDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString().replace('GMT', '+0000');
}
