export { type HealthCheck, HealthService, type Readiness } from './health.js';
export { HealthModule } from './health.module.js';
export { openApiDocument } from './openapi.js';
export { serve } from './serve.js';
export { createService, type ServiceOptions } from './service.js';
export { createValidationPipe } from './validation.js';
