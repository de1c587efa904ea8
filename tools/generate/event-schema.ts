import { getMetadataStorage } from 'class-validator';

/** A class that carries validation rules. */
export type Payload = new (facts?: never) => object;

/** The part of JSON Schema that contracts need. */
export interface Schema {
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  minimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}

interface Rule {
  propertyName: string;
  name?: string | undefined;
  type: string;
  constraints?: unknown[] | undefined;
  each?: boolean | undefined;
}

type Draft = { schema: Schema; optional: boolean; nullable: boolean };

/** What each rule says in JSON Schema, by its name in class-validator. */
const MEANING: Record<string, (constraints: unknown[]) => Schema> = {
  isUuid: () => ({ type: 'string', format: 'uuid' }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  isString: () => ({ type: 'string' }),
  isBoolean: () => ({ type: 'boolean' }),
  isInt: () => ({ type: 'integer' }),
  isArray: () => ({ type: 'array' }),
  isObject: () => ({ type: 'object', additionalProperties: { type: 'string' } }),
  isIn: ([values]) => ({ enum: values as unknown[] }),
  matches: ([pattern]) => ({ type: 'string', pattern: (pattern as RegExp).source }),
  min: ([minimum]) => ({ minimum: minimum as number }),
  maxLength: ([maxLength]) => ({ maxLength: maxLength as number }),
  isLength: ([minLength, maxLength]) => ({ minLength: minLength as number, maxLength: maxLength as number }),
  arrayMinSize: ([minItems]) => ({ minItems: minItems as number }),
};

/** The JSON Schema of a payload class, from its validation rules; throws on a rule it does not know. */
export function schemaOf(cls: Payload, nested: (cls: Payload, property: string) => Payload | undefined): Schema {
  const drafts = new Map<string, Draft>();
  const rules = getMetadataStorage().getTargetValidationMetadatas(cls, '', true, false) as Rule[];
  for (const rule of rules) {
    const draft = drafts.get(rule.propertyName) ?? { schema: {}, optional: false, nullable: false };
    drafts.set(rule.propertyName, draft);
    apply(draft, rule, () => {
      const inner = nested(cls, rule.propertyName);
      if (!inner) throw new Error(`${cls.name}.${rule.propertyName} has no @Type`);
      return schemaOf(inner, nested);
    });
  }
  const properties = [...drafts].map(
    ([name, { schema, nullable }]) => [name, nullable ? orNull(schema) : schema] as const,
  );
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: [...drafts].filter(([, { optional }]) => !optional).map(([name]) => name),
  };
}

function apply(draft: Draft, rule: Rule, inner: () => Schema): void {
  const { type } = rule;
  if (type === 'conditionalValidation') {
    // @IsOptional has a name; @ValidateIf has none, and the contracts use it for `null`.
    if (rule.name === 'isOptional') draft.optional = true;
    else draft.nullable = true;
  } else if (type === 'nestedValidation') {
    if (rule.each) draft.schema = { ...draft.schema, type: 'array', items: inner() };
    else draft.schema = inner();
  } else {
    const meaning = MEANING[rule.name ?? ''];
    if (!meaning) throw new Error(`No JSON Schema is known for the rule ${rule.name ?? type} of ${rule.propertyName}`);
    const said = meaning(rule.constraints ?? []);
    if (rule.each) draft.schema.items = { ...draft.schema.items, ...said };
    else draft.schema = { ...draft.schema, ...said };
  }
}

function orNull(schema: Schema): Schema {
  return { ...schema, type: [...[schema.type ?? 'string'].flat(), 'null'] };
}
