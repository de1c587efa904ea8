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
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (_controller: string, method: string) => method,
  });
  return { ...document, tags: tagsOf(document) };
}

/** The document's tags in the order they are shown: what users do by name, then what administrators do. */
function tagsOf({ paths }: OpenAPIObject): { name: string }[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path) as { tags?: string[] }[]);
  const names = [...new Set(operations.flatMap(({ tags }) => tags ?? []))];
  const forAdministrators = (name: string): boolean => name.startsWith('admin');
  return names
    .toSorted((a, b) => Number(forAdministrators(a)) - Number(forAdministrators(b)) || a.localeCompare(b))
    .map((name) => ({ name }));
}

/** Serves Swagger UI at `/docs` and the document at `/docs-json`. */
export function setUpOpenApi(app: NestFastifyApplication, options: ServiceOptions): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, options), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
  });
}
