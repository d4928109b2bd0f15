/** Trees of rules, and the arbitrary that makes them. They fit no place in particular: rendering sees to that. */
import fc from 'fast-check';
import { DEFINITIONS } from './definitions.ts';
import { EXPRESSIONS } from './expressions.ts';
import { isSort, parseTemplate, type Rule, type Sort, type Template } from './grammar.ts';
import { STATEMENTS } from './statements.ts';

/** A rule with its text taken apart. */
export type ParsedRule = Rule & { readonly template: Template };

/** All rules by number. */
export const RULES: readonly ParsedRule[] = [...EXPRESSIONS, ...STATEMENTS, ...DEFINITIONS].map((rule) => ({
  ...rule,
  template: parseTemplate(rule.text),
}));

/** A use of a rule, or a container (block, body, members). */
export interface Node {
  readonly sort: Sort;
  /** Number of the rule; -1 for a container. */
  readonly rule: number;
  /** Chooses names and literals, a few bits for each hole. */
  readonly pick: number;
  readonly children: readonly Node[];
}

/** A program before it is written for some version. */
export interface Program {
  /** How it is watched: see MODES in prelude.ts. */
  readonly mode: number;
  readonly definitions: readonly Node[];
  readonly main: Node;
}

const PICK = fc.nat((1 << 24) - 1);
const STATEMENT_SORTS: ReadonlySet<Sort> = new Set(['stmt', 'def', 'class', 'member']);

type Tie = (sort: Sort) => fc.Arbitrary<Node>;

function ruleArbitrary(rule: ParsedRule, number: number, tie: Tie): fc.Arbitrary<Node> {
  const sorts = rule.template.holes.flatMap(({ name }) => (isSort(name) ? [name] : []));
  const children = fc.tuple(...sorts.map(tie)) as fc.Arbitrary<Node[]>;
  return fc.record({ sort: fc.constant(rule.sort), rule: fc.constant(number), pick: PICK, children });
}

function container(sort: Sort, children: fc.Arbitrary<readonly Node[]>): fc.Arbitrary<Node> {
  return fc.record({ sort: fc.constant(sort), rule: fc.constant(-1), pick: PICK, children });
}

function sortArbitrary(sort: Sort, tie: Tie): fc.Arbitrary<Node> {
  if (sort === 'block')
    return container(sort, fc.array(tie('stmt'), { minLength: 1, maxLength: 4, size: 'max' }));
  if (sort === 'members')
    return container(sort, fc.array(tie('member'), { minLength: 1, maxLength: 5, size: 'max' }));
  if (sort === 'body') return container(sort, fc.tuple(tie('block'), tie('int')));
  const isStatement = STATEMENT_SORTS.has(sort);
  const options = {
    withCrossShrink: true,
    maxDepth: isStatement ? 5 : 3,
    depthSize: 'small',
    depthIdentifier: isStatement ? 'statements' : 'expressions',
  } as const;
  const forms = RULES.flatMap((rule, number) =>
    rule.sort === sort ? [{ weight: rule.weight ?? 2, arbitrary: ruleArbitrary(rule, number, tie) }] : [],
  );
  return fc.oneof(options, ...forms);
}

const SORTS: readonly Sort[] = [
  ...new Set<Sort>([...RULES.map(({ sort }) => sort), 'block', 'members', 'body']),
];

function nodes(): Tie {
  const tied = fc.letrec((tie) =>
    Object.fromEntries(SORTS.map((sort) => [sort, sortArbitrary(sort, tie as Tie)])),
  );
  return (sort) => tied[sort] as fc.Arbitrary<Node>;
}

const node = nodes();

/** Programs of up to a few hundred lines. */
export const program: fc.Arbitrary<Program> = fc.record({
  mode: fc.nat(7),
  definitions: fc.array(
    fc.oneof({ weight: 3, arbitrary: node('def') }, { weight: 2, arbitrary: node('class') }),
    {
      maxLength: 5,
      size: 'max',
    },
  ),
  main: container('block', fc.array(node('stmt'), { minLength: 1, maxLength: 7, size: 'max' })),
});
