/** No control characters and no line break of any kind: a subject becomes a mail header. */
export const ONE_LINE = /^[^\p{Cc}\u2028\u2029]*$/u;
