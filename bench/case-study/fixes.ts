/** What a fix does to a file of examples/sensors: each text stands in it exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A finding that pyrewrite makes in examples/sensors, and the change that it asks for. */
export interface Fix {
  readonly rule: string;
  /** Of several changes that one finding asks for. */
  readonly variant?: string;
  /** One of those in which the operations are that it is about. */
  readonly function: string;
  readonly edits: readonly Edit[];
}

/** The planted taxes of examples/sensors/README.md. */
export const FIXES: readonly Fix[] = [
  {
    rule: 'repeated-property',
    function: 'Hour.add',
    edits: [
      {
        file: 'aggregate.py',
        from: `        self.total += measurement.celsius
        if measurement.celsius < self.low:
            self.low = measurement.celsius
        if measurement.celsius > self.high:
            self.high = measurement.celsius
`,
        to: `        celsius = measurement.celsius
        self.total += celsius
        if celsius < self.low:
            self.low = celsius
        if celsius > self.high:
            self.high = celsius
`,
      },
    ],
  },
  {
    rule: 'swallowed-error',
    function: 'Measurement.celsius',
    edits: [
      {
        file: 'measurement.py',
        from: '    def __getattr__(self, name):\n',
        to: '    calibration = None\n\n    def __getattr__(self, name):\n',
      },
      {
        file: 'measurement.py',
        from: '        if hasattr(self, "calibration"):\n',
        to: '        if self.calibration is not None:\n',
      },
    ],
  },
  {
    rule: 'linear-search',
    function: 'by_hour',
    edits: [
      {
        file: 'aggregate.py',
        from: '    hours = {}\n    unknown = 0\n',
        to: '    hours = {}\n    unknown = 0\n    known = set(known)\n',
      },
    ],
  },
  {
    rule: 'string-growth',
    function: 'Report.add',
    edits: [
      {
        file: 'report.py',
        from: '        self.text = title + "\\n"\n',
        to: '        self.parts = [title + "\\n"]\n',
      },
      {
        file: 'report.py',
        from: '        self.text += line + "\\n"\n        self.lines += 1\n',
        to: '        self.parts.append(line + "\\n")\n        self.lines += 1\n\n    def finish(self):\n        self.text = "".join(self.parts)\n        return self\n',
      },
      { file: 'report.py', from: '    return report\n', to: '    return report.finish()\n' },
    ],
  },
  {
    rule: 'collections',
    function: 'Measurement.__init__',
    edits: [
      {
        file: 'measurement.py',
        from: `    def __init__(self, measurement):
        self.measurement = measurement

    def celsius(self):
        measurement = self.measurement
`,
        to: '    def celsius(self, measurement):\n',
      },
      { file: 'measurement.py', from: '        self.conversion = Conversion(self)\n', to: '' },
      {
        file: 'measurement.py',
        from: '    """A row of the CSV file."""\n',
        to: '    """A row of the CSV file."""\n\n    conversion = Conversion()\n',
      },
      { file: 'measurement.py', from: 'self.conversion.celsius()', to: 'self.conversion.celsius(self)' },
    ],
  },
  {
    rule: 'collections',
    variant: 'frozen',
    function: 'Measurement.__init__',
    edits: [
      {
        file: 'app.py',
        from: '        return [Measurement(time, sensor, value, unit) for time, sensor, value, unit in lines]\n',
        to: `        gc.disable()
        rows = [Measurement(time, sensor, value, unit) for time, sensor, value, unit in lines]
        gc.freeze()
        gc.enable()
        return rows
`,
      },
      { file: 'app.py', from: 'import csv\n', to: 'import csv\nimport gc\n' },
    ],
  },
];

/**
 * The text of a file after the edits that are for it.
 * @throws Error where a text does not stand there exactly once
 */
export function applyEdits(file: string, text: string, edits: readonly Edit[]): string {
  return edits
    .filter((edit) => edit.file === file)
    .reduce((changed, { from, to }) => {
      if (changed.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
      return changed.replace(from, () => to);
    }, text);
}
