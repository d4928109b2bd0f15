import type { OptionSpecs } from './command.ts';

/** Options of the commands that write HTML pages. */
export const HTML_OPTIONS: OptionSpecs = {
  html: { type: 'string', value: 'FILE', help: 'write the report as an HTML page' },
  'no-source': { type: 'boolean', help: 'leave the texts of the sources out of the HTML page' },
};
