import { PyrewriteError } from '../errors.ts';

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
};

/** What the file system refused, in words: that is the user's to mend, and no bug. Undefined for other errors. */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const reason = SYSTEM_ERRORS[String(error.code)];
  if (reason === undefined) return undefined;
  if ('path' in error) return `cannot open ${error.path}: ${reason}`;
  const isRead = 'syscall' in error && error.syscall === 'read';
  return `cannot ${isRead ? 'read' : 'write'}: ${reason}`;
}

/** One line for what is wrong and where, one for what to do. */
export function errorText(error: unknown): string {
  const systemText = systemErrorText(error);
  if (systemText !== undefined) return `pyrewrite: ${systemText}\n`;
  if (!(error instanceof PyrewriteError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `pyrewrite: internal error: ${text}\n  please report this with the command line\n`;
  }
  const where = error.file === undefined || error.message.includes(error.file) ? '' : ` (${error.file})`;
  const remedy = error.remedy === undefined ? '' : `  ${error.remedy}\n`;
  return `pyrewrite: ${error.message}${where}\n${remedy}`;
}
