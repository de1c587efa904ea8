import { invalidParam } from './errors.ts';

export interface PageRequest {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

export interface ApiList<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

/** One page, newest first. `ending_before` gives the page just newer than its object, as Stripe does. */
export function listPage<T extends { id: string }>(
  newestFirst: readonly T[],
  page: PageRequest,
  url: string,
): ApiList<T> {
  const limit = page.limit ?? 10;
  if (page.starting_after !== undefined && page.ending_before !== undefined) {
    throw invalidParam('You cannot parameterize by both starting_after and ending_before.', 'ending_before');
  }
  if (page.ending_before !== undefined) {
    const end = indexOf(newestFirst, page.ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: newestFirst.slice(start, end), has_more: start > 0, url };
  }
  const start = page.starting_after === undefined ? 0 : indexOf(newestFirst, page.starting_after, 'starting_after') + 1;
  return {
    object: 'list',
    data: newestFirst.slice(start, start + limit),
    has_more: newestFirst.length > start + limit,
    url,
  };
}

function indexOf(items: readonly { id: string }[], id: string, param: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index === -1) throw invalidParam(`No such object: '${id}'`, param, 'resource_missing');
  return index;
}
