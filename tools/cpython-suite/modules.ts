/** Test modules of CPython that look closest at what a rewriter could disturb; CI runs these. */
export const SENSITIVE: readonly string[] = `
  test_generators test_coroutines test_asyncgen test_with test_grammar test_exceptions test_contextlib
  test_contextlib_async test_scope test_super test_sys_settrace test_traceback test_inspect test_patma
  test_except_star test_listcomps test_pep380 test_yield_from test_raise test_fstring test_sys_setprofile
  test_monitoring test_bdb test_pdb test_dis test_code test_compile test_dict test_list test_unicode test_str
  test_descr test_class test_dataclasses test_enum test_threading test_gc test_weakref test_signal test_json
  test_pickle test_re test_itertools test_functools test_collections test_typing test_warnings test_tracemalloc
  test_opcache test_peepholer test_trace test_profile test_cprofile test_frame test_sys test_builtin test_iter
  test_generator_stop test_genexps test_setcomps test_dictcomps test_named_expressions test_unpack test_unpack_ex
  test_extcall test_call test_keywordonlyarg test_positional_only_arg test_funcattrs test_decorators test_global
  test_types test_type_params test_type_aliases test_type_annotations test_exception_group test_exception_variations
  test_exception_hierarchy test_finalization test_copy test_pickletools test_zipimport test_runpy test_imp
  test_import test_importlib test_pkgutil test_modulefinder test_py_compile test_compileall test_marshal
  test_asyncio test_subprocess test_concurrent_futures test_multiprocessing_fork test_thread test_fork1
  test_contextvars test_context test_userdict test_string test_operator test_richcmp test_augassign test_binop
  test_bool test_int test_float test_complex test_slice test_set test_tuple test_deque test_heapq test_bisect
  test_sort test_random test_statistics test_decimal test_fractions test_datetime test_ast test_symtable
  test_syntax test_string_literals test_tstring test_annotationlib test_lazy_import test_free_threading
  test_interpreters test_gdb test_faulthandler test_atexit test_abc test_property test_metaclass
  test_subclassinit test_genericclass test_genericalias test_unittest test_doctest test_cmd_line
  test_cmd_line_script test_reprlib test_pprint test_textwrap test_argparse test_configparser test_csv test_tempfile
  test_pathlib test_shutil test_os test_io test_logging test_socket test_queue test_sched test_time test_calendar
`
  .trim()
  .split(/\s+/);

/** The first and shortest round. */
export const QUICK: readonly string[] = SENSITIVE.slice(0, SENSITIVE.indexOf('test_frame') + 1);
