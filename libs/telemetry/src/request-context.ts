import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';

/** What is known about the request (or message, or job) being worked on. */
export interface RequestContext {
  requestId: string;
  /** The service that asks, where one does for itself. */
  caller?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request being worked on, wherever in the code; its id is written into every log line and audit row. */
export const requestContext = {
  /** Runs `work` with the given context. */
  run: <T>(context: RequestContext, work: () => T): T => storage.run(context, work),
  /** Sets the context for the rest of this asynchronous flow. */
  enter: (context: RequestContext): void => storage.enterWith(context),
  /** The id of the current request, or undefined outside one. */
  requestId: (): string | undefined => storage.getStore()?.requestId,
  /** Names the service that asks, in the log lines and the span of the current request. */
  setCaller: (caller: string): void => {
    const context = storage.getStore();
    if (context) context.caller = caller;
    trace.getActiveSpan()?.setAttribute('caller', caller);
  },
  /** The service that asks; undefined when a user does. */
  caller: (): string | undefined => storage.getStore()?.caller,
};

const VALID_REQUEST_ID = /^[A-Za-z0-9_.:-]{1,128}$/;

/** A request id that came from outside, when it is harmless in logs and headers; undefined otherwise. */
export function acceptedRequestId(value: unknown): string | undefined {
  return typeof value === 'string' && VALID_REQUEST_ID.test(value) ? value : undefined;
}
