import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export const REFERENCE: string = resolve(import.meta.dirname, '../../docs/reference');

type SchemaName = 'report' | 'check' | 'top';

const validators = new Map<SchemaName, ValidateFunction>();

function validatorOf(name: SchemaName): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  const schema = JSON.parse(readFileSync(join(REFERENCE, `${name}.schema.json`), 'utf8'));
  const validate = ajv.compile(withoutUnknown(schema));
  validators.set(name, validate);
  return validate;
}

/** The schema lets programs add fields; our own output has none that it does not describe. */
function withoutUnknown(schema: unknown): object {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    const closed = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]));
    return 'properties' in closed && 'type' in closed ? { additionalProperties: false, ...closed } : closed;
  };
  return { ...(close(schema) as object) };
}

/** What in a value is not as the schema in docs/reference says; empty for a valid one. */
export function violations(value: unknown, name: SchemaName = 'report'): string[] {
  const validate = validatorOf(name);
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
