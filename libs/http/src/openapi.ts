import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { ServiceOptions } from './service.options.js';

/** The OpenAPI document of a service: the contract its clients read. */
function openApiDocument(
  app: NestFastifyApplication,
  options: Pick<ServiceOptions, 'name' | 'description' | 'publicUrl'>,
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle(options.name)
    .setDescription(options.description)
    .setVersion('1')
    .addServer(options.publicUrl)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  return SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (_controller: string, method: string) => method,
  });
}

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function setUpOpenApi(app: NestFastifyApplication, options: ServiceOptions): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, options), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
  });
}
