export { createLogger, NestLogger, stackOf } from './logger.js';
export { collectProcessMetrics, Counter, Gauge, observeRequest, renderMetrics } from './metrics.js';
export { acceptedRequestId, requestContext } from './request-context.js';
export { startTracing, type TracingOptions } from './tracing.js';
