import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

export const REFERENCE: string = resolve(import.meta.dirname, '../../docs/reference');

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(
  withoutUnknown(JSON.parse(readFileSync(join(REFERENCE, 'report.schema.json'), 'utf8'))),
);

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

/** What in a value is not as docs/reference/report.schema.json says; empty for a valid report. */
export function violations(value: unknown): string[] {
  validate(JSON.parse(JSON.stringify(value)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
