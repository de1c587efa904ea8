/** A page's text, its characters unescaped. */
export function unescaped(page: string): string {
  return page.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** Where a page's first form goes. */
export async function formOf(answer: Response): Promise<string> {
  return /<form method="post" action="([^"]*)"/.exec(unescaped(await answer.text()))![1]!;
}

/** Where a page's link back to the login page leads. */
export async function linkBackOf(answer: Response): Promise<string> {
  return /href="(\/oauth\/\?[^"]*)"/.exec(unescaped(await answer.text()))![1]!;
}
