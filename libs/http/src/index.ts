export { type HealthCheck, type Readiness } from './health.js';
export { HealthModule } from './health.module.js';
export { Instant } from './instant.js';
export { PageLimit } from './page-limit.js';
export { serve } from './serve.js';
export { createService } from './service.js';
export { type ServiceOptions } from './service.options.js';
export { Uuid, UuidPipe } from './uuid.js';
