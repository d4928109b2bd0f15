/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and is another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
