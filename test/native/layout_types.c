/* Types and callables as we read them: against the interpreter's own headers. */
#include <Python.h>
#include <stddef.h>

#undef Py_CompileString /* a macro outside of the limited API */
#include "python_types.h"

#define SAME(ours, theirs) _Static_assert(offsetof ours == offsetof theirs, #theirs)

SAME((python_type, tp_name), (PyTypeObject, tp_name));
SAME((python_type, tp_getattro), (PyTypeObject, tp_getattro));
SAME((python_type, tp_setattro), (PyTypeObject, tp_setattro));
SAME((python_type, tp_flags), (PyTypeObject, tp_flags));
SAME((python_type, tp_dict), (PyTypeObject, tp_dict));
SAME((python_type, tp_descr_get), (PyTypeObject, tp_descr_get));
SAME((python_type, tp_descr_set), (PyTypeObject, tp_descr_set));
SAME((python_type, tp_dictoffset), (PyTypeObject, tp_dictoffset));
SAME((python_type, tp_version_tag), (PyTypeObject, tp_version_tag));
SAME((python_wrapper, object), (PyMethodObject, im_func));
SAME((python_wrapper, object), (PyCellObject, ob_ref));
SAME((python_c_function, m_ml), (PyCFunctionObject, m_ml));
SAME((python_c_function, m_self), (PyCFunctionObject, m_self));
SAME((python_descriptor, d_type), (PyMethodDescrObject, d_common.d_type));
SAME((python_descriptor, d_method), (PyMethodDescrObject, d_method));
SAME((python_descriptor, d_method), (PyWrapperDescrObject, d_base));
#if PY_VERSION_HEX >= 0x030A0000
SAME((python_function, func_qualname), (PyFunctionObject, func_qualname));
SAME((python_function, func_code), (PyFunctionObject, func_code));
#endif
