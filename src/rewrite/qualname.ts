import { type CodeObject, strValue } from '../marshal/index.ts';

/** CO_OPTIMIZED: the code of a function, as opposed to that of a class or a module. */
const CO_OPTIMIZED = 0x1;

/** Qualified name of a code object nested in another; the code's own where the version keeps it. */
export function childQualname(parent: CodeObject, parentQualname: string, child: CodeObject): string {
  if (child.co_qualname !== undefined) return strValue(child.co_qualname);
  const name = strValue(child.co_name);
  if (parentQualname === '<module>') return name;
  return parent.co_flags & CO_OPTIMIZED ? `${parentQualname}.<locals>.${name}` : `${parentQualname}.${name}`;
}
