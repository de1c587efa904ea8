export {
  DomainError,
  type DomainErrorOptions,
  type ErrorKind,
  UnavailableError,
  ValidationFailedError,
} from './domain-error.js';
export type { Problem, ProblemResponse } from './problem.js';
export { ProblemFilter } from './problem.filter.js';
