import type { Python } from '../../test/support/pythons.ts';

/** Tests that assert what a rewriter must change: the bytecode itself, its constants, its size, its offsets. */
export interface Allowed {
  /** Name of the test module. */
  readonly module: string;
  /** Names of test methods, of whatever class. */
  readonly tests: string;
  /** First and last version; default all. */
  readonly versions?: readonly [string, string];
  readonly reason: string;
}

/** Every entry was looked at: the test, and what it got instead. */
export const ALLOWED: readonly Allowed[] = [
  {
    module: 'test_marshal',
    tests: 'test_code test_slice test_no_allow_code',
    reason: 'wants that the code object that it loads equals the one with probes that it wrote',
  },
  {
    module: 'test_crossinterp',
    tests: `test_function_code test_builtin_code test_pure_script_code test_not_shareable test_stateless
      test_impure_script_code`,
    reason: 'wants that code with probes equals its copy, which was sent without them',
  },
  {
    module: 'test_interpreters',
    tests: 'test_stateless_func_returns_arg',
    reason:
      'wants that the constants of code with probes equal those of its copy, which was sent without them',
  },
  {
    module: 'test_subprocess',
    tests: 'test_pass_fds_redirected',
    reason: 'expects all open descriptors of a child; its profile is one more',
  },
  {
    module: 'test_faulthandler',
    tests: 'test_dump_ext_modules',
    reason: 'expects all extension modules that are loaded; the runtime is one more',
  },
  {
    module: 'test_type_cache',
    tests: 'test_to_bool_specialization_user_type',
    versions: ['3.13', '3.15'],
    reason:
      'wants no unspecialized TO_BOOL in a function; the cold handler of a probe has one that never ran',
  },
  {
    module: 'test_dis',
    tests: `test_bug_1333982 test_bug_708901 test_code_info test_dis test_dis_with_all_positions
      test_dis_with_offsets test_disassemble_asyncwith test_disassemble_bytes test_disassemble_class
      test_disassemble_class_method test_disassemble_fstring test_disassemble_instance_method
      test_disassemble_instance_method_bytes test_disassemble_recursive test_disassemble_static_method
      test_disassemble_try_finally test_disassemble_with test_disassembled test_distb_explicit_arg
      test_distb_last_traceback test_doubly_nested test_explicit_first_line test_extended_arg_quick test_findlabels
      test_from_traceback_dis test_info test_iteration test_jumpy test_kw_names test_loop_quicken test_nested
      test_outer test_show_caches test_show_code test_super_instructions`,
    reason: 'compares the listing of functions of the test module itself',
  },
  {
    module: 'test_dis',
    tests: 'test_co_positions_with_lots_of_caches',
    reason: 'wants that a third of a function’s code are inline caches; probes have none',
  },
  {
    module: 'test_dis',
    tests: 'test_cache_offset_and_end_offset',
    reason: 'holds for a function without EXTENDED_ARG only, and takes itself for one',
  },
  {
    module: 'test_opcache',
    tests: 'test_load_const test_to_bool',
    versions: ['3.14', '3.15'],
    reason:
      'wants no unspecialized instruction in a function; cold handlers of probes have some and were never run',
  },
  {
    module: 'test_sys',
    tests: 'test_objecttypes',
    reason: 'expects the size of its own frame; a probe needs stack slots',
  },
  {
    module: 'test_positional_only_arg',
    tests: 'test_annotations_constant_fold',
    reason: 'wants no UNARY_NOT in a function; probes have some',
  },
  {
    module: 'test_compile',
    tests: 'test_32_63_bit_values',
    reason: 'wants that all of a function’s co_consts are int; the placeholders of probes are not',
  },
  {
    module: 'test_compile',
    tests: 'test_merge_code_attrs test_merge_constants',
    reason: 'wants that two functions share one co_consts or co_linetable object; each has probes of its own',
  },
  {
    module: 'test_compile',
    tests: 'test_weird_attribute_position_regressions',
    versions: ['3.11', '3.15'],
    reason: 'wants a line for every instruction; the cold handlers of probes have none',
  },
  {
    module: 'test_compile',
    tests: 'test_line_number_genexp test_line_number_implicit_return_after_async_for test_lineno_attribute',
    versions: ['3.10', '3.10'],
    reason: 'expects all of a function’s co_lines(); the cold handlers of probes add one without a line',
  },
  {
    module: 'test_peepholer',
    tests: `test_elim_jump_after_return1 test_elim_jump_after_return2 test_elim_jump_to_return
      test_elim_jump_to_uncond_jump3 test_unot test_while_one`,
    reason: 'counts instructions of a function; probes and their handlers add the same ones',
  },
  {
    module: 'test_peepholer',
    tests: 'test_elim_jump_to_uncond_jump test_elim_jump_to_uncond_jump2',
    reason: 'wants no jump to a jump; where an operation ends on a jump’s way, its probe ends by one',
  },
  {
    module: 'test_monitoring',
    tests:
      'test_call_then_instruction test_instruction_then_call test_c_call test_simple test_try_except test_with_restart',
    reason: 'expects the offset of every instruction',
  },
  {
    module: 'test_monitoring',
    tests: 'test_except_star test_loop test_while_offset_consistency',
    reason: 'expects the offsets of branches; their lines are the same',
  },
];

function minor(name: string): number {
  return Number(name.slice(2));
}

/** Whether an entry is about a version. */
export function isAbout({ versions }: Allowed, { name }: Pick<Python, 'name'>): boolean {
  return versions === undefined || (minor(versions[0]) <= minor(name) && minor(name) <= minor(versions[1]));
}

/** The entry that says why a test may end otherwise; undefined where it may not. */
export function allowedFor(python: Pick<Python, 'name'>, module: string, id: string): Allowed | undefined {
  // A module as a whole, which has the name of a method, too: it crashed, say.
  if (id === module) return undefined;
  const method = id.split('.').at(-1) ?? id;
  return ALLOWED.find(
    (entry) => entry.module === module && isAbout(entry, python) && entry.tests.split(/\s+/).includes(method),
  );
}
