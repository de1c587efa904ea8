export { type Limit, type LimitKind, Limits } from './limits.decorator.js';
export { ThrottlingModule } from './throttling.module.js';
