/** Which modules of CPython's test suite are run, in which order, and which are left out. */

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Fast ones that see most of what a rewriter could disturb; test/laws/cpython-suite.test.ts runs these. */
export const TELLING: readonly string[] = words(`
  test_grammar test_generators test_coroutines test_asyncgen test_exceptions test_traceback test_sys_settrace
  test_sys_setprofile test_with test_contextlib test_raise test_scope test_super test_patma test_except_star
  test_listcomps test_yield_from
`);

/** Those that look closest at what a rewriter could disturb, and those of the most used modules; run first. */
export const REPRESENTATIVE: readonly string[] = [
  ...TELLING,
  ...words(`
    test_syntax test_contextlib_async test_exception_group test_monitoring test_bdb test_pdb test_trace test_inspect
    test_dis test_code test_compile test_peepholer test_descr test_class test_dataclasses test_enum test_functools
    test_itertools test_fstring test_unpack test_unpack_ex test_dict test_set test_list test_tuple test_str
    test_unicode test_bytes test_int test_float test_long test_decimal test_fractions test_re test_json test_pickle
    test_copy test_weakref test_gc test_thread test_frame test_opcache test_types test_typing
    test_unittest test_importlib test_import test_runpy test_zipimport test_warnings test_doctest
    test_pyclbr test_ast test_tokenize test_cmd_line test_cmd_line_script test_os
    test_collections test_heapq test_bisect test_random test_statistics test_string test_textwrap test_argparse
    test_configparser test_csv test_email test_httplib test_httpservers test_http_cookies test_http_cookiejar
    test_urllib test_urllib2 test_urllib_response test_urlparse test_tempfile test_shutil test_sqlite3 test_struct test_array test_memoryview test_buffer test_ctypes
    test_hashlib test_hmac test_secrets test_uuid test_datetime test_calendar test_time test_locale test_codecs
    test_pep380 test_generator_stop test_genexps test_setcomps test_dictcomps test_named_expressions test_extcall
    test_call test_keywordonlyarg test_positional_only_arg test_funcattrs test_decorators test_global
    test_type_params test_type_aliases test_type_annotations test_annotationlib test_exception_variations
    test_exception_hierarchy test_finalization test_lazy_import test_string_literals test_tstring test_tracemalloc
    test_profile test_cprofile test_sys test_builtin test_iter test_code_module test_codeop test_symtable
    test_marshal test_modulefinder test_py_compile test_compileall test_pickletools test_property test_metaclass
  `),
];

/** Take longest of those that are run; run last. */
export const LONG: readonly string[] = words(`
  test_signal test_threading test_logging test_fork1 test_subprocess test_asyncio test_io test_zipfile test_tarfile
  test_selectors test_socket
`);

/** Modules that are never run, with the reason that the document tells. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'needs a display, or tests an application that does':
      'test_idle test_tcl test_tk test_ttk test_tkinter test_ttk_guionly test_ttk_textonly test_turtle',
    'needs a network': 'test_urllib2net test_urllibnet test_timeout test_nntplib',
    'needs a sound device': 'test_ossaudiodev test_winsound',
    'needs gigabytes of memory or disk': 'test_bigmem test_bigaddrspace test_zipfile64 test_largefile',
    'needs a debugger, a compiler or the sources of CPython': `test_gdb test_c_globals test_check_c_globals test_cext
      test_cppext test_peg_generator test_clinic test_tools test_external_inspection test_freeze test_perf_profiler
      test_embed test_distutils`,
    'installs packages': 'test_venv test_ensurepip',
    'runs this very suite in child processes': 'test_regrtest',
    'takes minutes': `test_concurrent_futures test_multiprocessing_fork test_multiprocessing_forkserver
      test_multiprocessing_spawn test_lib2to3 test_profiling`,
  }).flatMap(([reason, modules]) => words(modules).map((module) => [module, reason] as const)),
);
