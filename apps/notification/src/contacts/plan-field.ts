/** Where a contact keeps a product: products may have dots and dollars in their names, MongoDB's fields may not. */
export function planField(product: string): string {
  return `plans.${product.replaceAll('%', '%25').replaceAll('.', '%2E').replaceAll('$', '%24')}`;
}
