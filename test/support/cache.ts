import { fileURLToPath } from 'node:url';

/** Where the tests keep what they compile: not the user's own cache. */
export const TEST_CACHE: string = fileURLToPath(
  new URL('../../node_modules/.cache/pyrewrite-tests', import.meta.url),
);
