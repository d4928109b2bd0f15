/** Some tests of a project, and why they are named. */
export interface Tests {
  /** Ids of tests, classes or files as pytest shows them, without parameters, separated by blanks. */
  readonly tests: string;
  readonly reason: string;
}

/** A project of the Python package index whose own tests are run. */
export interface Project {
  readonly name: string;
  /** Its name in the index, where that is another: a project can be run in two ways. */
  readonly distribution?: string;
  readonly version: string;
  /** Where the tests are: in the source distribution, or in the installed package itself. */
  readonly tests: 'sdist' | 'installed';
  /** What pytest gets: paths in the source distribution, or modules after `--pyargs`, and options. */
  readonly arguments: readonly string[];
  /** Names of folders or modules of the package: operations in them must have been executed. */
  readonly packages: readonly string[];
  /** What the paths of the tests contain; default `/tests/`. */
  readonly testPath?: string;
  /** What the tests need besides pytest and the project's own requirements, with exact versions. */
  readonly requirements: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Labels of the interpreters that it is run on. */
  readonly pythons: readonly string[];
  /** Tests that are not run at all: those that need a network, measure time, or do not end. */
  readonly deselected?: readonly Tests[];
}
