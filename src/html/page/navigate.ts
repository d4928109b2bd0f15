/** Goes somewhere; Back leads here again. */
export function go(address: string): void {
  location.hash = address;
}

/** Notes in the address how the view is shown, without a new entry in the history. */
export function note(address: string): void {
  history.replaceState(null, '', address);
}
