/** Law: a program that is measured does what it does without: programs in files of their own. */
import { OWN } from './own.ts';
import { testPrograms } from './test-programs.ts';

testPrograms('programs', OWN);
