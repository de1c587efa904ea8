/** How many events a campaign sends: `EVENTS_CAMPAIGN`, or what suits a test run that others wait for. */
export const campaignSize = Number(process.env['EVENTS_CAMPAIGN'] ?? 1_500);

/** A figure that grows with the size of the campaign. */
export function scaled(atDefaultSize: number): number {
  return Math.max(1, Math.round((atDefaultSize * campaignSize) / 1_500));
}
