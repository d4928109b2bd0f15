/** Law: a program that is measured does what it does without: the tools of the standard library. */
import { testPrograms } from './test-programs.ts';
import { TOOLS } from './tools.ts';

testPrograms('tools of the standard library', TOOLS);
