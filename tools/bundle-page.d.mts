/**
 * Bundles the page of HTML reports.
 * @param project folder of the project, with a slash at its end
 * @param folder where page.js and page.css go
 */
export function bundlePage(project: string, folder: string): void;
