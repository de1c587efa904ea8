/** What a service needs to know to answer HTTP. */
export interface ServiceOptions {
  name: string;
  /** One sentence for the OpenAPI document. */
  description: string;
  publicUrl: string;
  logLevel: string;
  corsOrigins: readonly string[];
  trustProxy: readonly string[];
  /** Other origins that scripts of the service's pages may call. */
  connectSources?: readonly string[];
  /** Other origins that a form of the service's pages may lead to; browsers follow redirects with this rule too. */
  formTargets?: readonly string[];
}
