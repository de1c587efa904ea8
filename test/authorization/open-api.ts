/** As much of a JSON schema as the services' documents use. */
export interface Schema {
  $ref?: string;
  type?: string;
  default?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}

type Content = Record<string, { schema?: Schema }>;

/** One operation of a document. */
export interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  parameters?: { in: string; name: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}

/** As much of an OpenAPI document as the tests read. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
  tags: { name: string }[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation of a document, by a name such as `GET /plans`. */
export function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  const named = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): [string, Operation][] =>
      item[method] ? [[`${method.toUpperCase()} ${path}`, item[method]]] : [],
    ),
  );
  return new Map(named);
}

/** The operation a request was for. */
export function operationFor(document: OpenApi, method: string, pathname: string): Operation | undefined {
  const found = Object.keys(document.paths)
    .filter((path) => document.paths[path]![method.toLowerCase()])
    .toSorted((a, b) => a.split('{').length - b.split('{').length)
    .find((path) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname));
  return found === undefined ? undefined : document.paths[found]![method.toLowerCase()];
}

/** The schema of the first kind of content, if any. */
export function schemaOf(content: Content | undefined): Schema | undefined {
  return Object.values(content ?? {})[0]?.schema;
}

/** The schemas a schema stands for, its references followed. */
function resolved(document: OpenApi, schema: Schema): Schema[] {
  if (schema.$ref) return resolved(document, document.components.schemas[schema.$ref.split('/').at(-1)!] ?? {});
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  return [schema, ...parts.flatMap((part) => resolved(document, part))];
}

/** The fields a schema names. */
export function fieldsOf(document: OpenApi, schema: Schema): string[] {
  return resolved(document, schema).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** The fields of an operation's body: whether it must be given, and what it is otherwise. */
export function bodyFieldsOf(
  document: OpenApi,
  body: Operation['requestBody'],
): { name: string; required: boolean; default: unknown }[] {
  return resolved(document, schemaOf(body?.content) ?? {}).flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).map(([name, schema]) => ({
      name,
      required: required.includes(name),
      default: schema.default,
    })),
  );
}

/** A value as a schema wants it, with `text` for every text; what has no type is a text. */
export function filled(document: OpenApi, schema: Schema, text: string): unknown {
  const schemas = resolved(document, schema);
  const fields = schemas.flatMap(({ properties }) => Object.entries(properties ?? {}));
  if (fields.length > 0)
    return Object.fromEntries(fields.map(([name, field]) => [name, filled(document, field, text)]));
  const items = schemas.find((each) => each.items)?.items;
  if (items) return [filled(document, items, text)];
  const type = schemas.find((each) => each.type)?.type;
  if (type === 'object') return { [text]: text };
  if (type === 'number' || type === 'integer') return 1;
  return type === 'boolean' ? true : text;
}

/** Every field that an answer of an operation may have, however deep, by its path such as `items.email`. */
export function answeredFields(document: OpenApi, { responses }: Operation): string[] {
  const within = (schema: Schema, at: string, outer: readonly Schema[]): string[] =>
    resolved(document, schema)
      .filter((each) => !outer.includes(each))
      .flatMap((each) => [
        ...Object.entries(each.properties ?? {}).flatMap(([name, inner]) => [
          `${at}${name}`,
          ...within(inner, `${at}${name}.`, [...outer, each]),
        ]),
        ...(each.items ? within(each.items, at, [...outer, each]) : []),
      ]);
  return Object.values(responses).flatMap(({ content }) => within(schemaOf(content) ?? {}, '', []));
}

/** Where a value has fields that its schema does not name. */
export function undocumented(document: OpenApi, value: unknown, schema: Schema, at = ''): string[] {
  const schemas = resolved(document, schema);
  if (Array.isArray(value)) {
    const items = schemas.find((each) => each.items)?.items;
    return items ? value.flatMap((item) => undocumented(document, item, items, `${at}[]`)) : [`${at}[]`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = schemas.find(({ properties }) => properties?.[name])?.properties?.[name];
    if (known) return undocumented(document, inner, known, `${at}.${name}`);
    const open = schemas.find(({ additionalProperties }) => additionalProperties)?.additionalProperties;
    if (!open) return [`${at}.${name}`];
    return open === true ? [] : undocumented(document, inner, open, `${at}.*`);
  });
}
