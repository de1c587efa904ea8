export { type Limit, type LimitKind, Limits } from './limits.decorator.js';
export { TooManyRequestsError } from './limits.guard.js';
export { ThrottlingModule } from './throttling.module.js';
