/* Dicts, and what leads from objects to what they hold, as we read them: against the interpreter's own headers. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <stddef.h>
#include <structmember.h>
#if PY_VERSION_HEX >= 0x030B0000
#include <internal/pycore_dict.h>
#endif

#undef Py_CompileString /* a macro outside of the limited API */
#define layout layout_of_dicts
#define MOST_ITEMS MOST_ITEMS_OF_TUPLES
#include "dicts.c"
#undef MOST_ITEMS
#undef layout
#include "replaced.c"

#define SAME(ours, theirs) _Static_assert(offsetof ours == offsetof theirs, #theirs)

SAME((python_dict, keys), (PyDictObject, ma_keys));
SAME((python_dict, values), (PyDictObject, ma_values));
SAME((python_descriptor, d_method), (PyMemberDescrObject, d_member));
SAME((member, type), (PyMemberDef, type));
SAME((member, offset), (PyMemberDef, offset));
SAME((member, flags), (PyMemberDef, flags));
_Static_assert(MEMBER_OBJECT == T_OBJECT && MEMBER_OBJECT_EX == T_OBJECT_EX, "types of members");
SAME((mapping_methods, mp_ass_subscript), (PyMappingMethods, mp_ass_subscript));
SAME((python_slice, step), (PySliceObject, step));
_Static_assert(PYTHON_EQUAL == Py_EQ, "Py_EQ");

#if PY_VERSION_HEX >= 0x030B0000
SAME((keys_311, kind), (PyDictKeysObject, dk_kind));
SAME((keys_311, log2_size), (PyDictKeysObject, dk_log2_size));
SAME((keys_311, log2_index_bytes), (PyDictKeysObject, dk_log2_index_bytes));
SAME((keys_311, indices), (PyDictKeysObject, dk_indices));
SAME((dict_entry, key), (PyDictKeyEntry, me_key));
SAME((dict_entry, value), (PyDictKeyEntry, me_value));
_Static_assert(EMPTY == DKIX_EMPTY && DKIX_DUMMY < 0, "indices");
_Static_assert(PYTHON_TYPE_MANAGED_DICT == Py_TPFLAGS_MANAGED_DICT, "Py_TPFLAGS_MANAGED_DICT");
#if defined(MANAGED_DICT_OFFSET)
_Static_assert(MANAGED_DICT * (Py_ssize_t)sizeof(PyObject *) == MANAGED_DICT_OFFSET, "where managed dicts are");
#endif
#endif
