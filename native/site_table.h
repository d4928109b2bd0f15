/* Reads the site table that the rewriter put into a module (docs/reference/formats/site-table.md). */
#ifndef PYREWRITE_SITE_TABLE_H
#define PYREWRITE_SITE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define SITE_TABLE_NO_PARENT 0xFFFFFFFFu
#define SITE_KIND_AWAIT 1u
#define SITE_TABLE_CALLERS 1u /* in a table's flags */
#define SITE_CODE_SUSPENDS 2u /* in a code object's flags */

#define SITE_TABLE_COLLECTIONS 2u /* in a table's flags: garbage collections are recorded */

/* Flag of a table whose code is sampled, and of its code records. */
#define SITE_TABLE_SAMPLED 4u
#define SITE_CODE_SAMPLED 1u

/* What is asked about operands: see OPERAND_KINDS in src/opcodes/operands.ts. */
#define SITE_OPERAND_TYPE 0u
#define SITE_OPERAND_ATTRIBUTE 1u
#define SITE_OPERAND_ATTRIBUTE_STORE 2u
#define SITE_OPERAND_CALLABLE 3u
#define SITE_OPERAND_METHOD 4u
#define SITE_OPERAND_DROPPED 5u
#define SITE_OPERAND_LOCAL 6u
#define SITE_OPERAND_LOCAL_PAIR 7u
#define SITE_OPERAND_CELL 8u
#define SITE_OPERAND_NAME 9u
#define SITE_OPERAND_GLOBAL 10u
#define SITE_OPERAND_CALLABLE_BELOW 11u
#define SITE_OPERAND_ITEM_STORE 12u
#define SITE_OPERAND_ITEM_DELETE 13u
#define SITE_OPERAND_SLICE_STORE 14u
#define SITE_OPERAND_SPECIAL 15u
#define SITE_OPERAND_CALLABLE_EITHER 16u

typedef struct {
  const uint8_t *bytes;
  size_t length;
  uint32_t code_count;
  uint32_t codes_offset;
  uint32_t site_count;
  uint32_t sites_offset;
  uint32_t strings_offset;
  uint32_t python; /* e.g. 0x030c */
  uint32_t flags;
  uint32_t budget; /* millionths of the time that sampling may cost; 0 = it does not say */
  uint32_t originals_offset; /* of sampled tables: for each site the byte offset of its instruction in the original body */
  uint8_t is_sampled;
  uint8_t id[8];
} site_table;

typedef struct {
  uint32_t parent;
  uint32_t const_index;
  uint32_t first_const;
  uint32_t first_site;
  uint32_t site_count;
  uint32_t flags;
  uint8_t is_sampled; /* two placeholders more: the gate's list and its question */
} site_table_code;

/* The operands of a site that are looked at: the first one is `kind`, a second one SITE_OPERAND_TYPE. */
typedef struct {
  uint8_t count;
  uint8_t kind;
} site_table_operands;

/* Not zero-terminated. */
typedef struct {
  const char *bytes;
  uint32_t length;
} site_table_text;

/* Fills `table` from untrusted bytes. 1 when every offset, count and cross reference in them is within bounds. */
int site_table_read(const void *bytes, size_t length, site_table *table);

/* The index must be below code_count / site_count. */
site_table_code site_table_get_code(const site_table *table, uint32_t index);
uint8_t site_table_get_kind(const site_table *table, uint32_t index);
site_table_operands site_table_get_operands(const site_table *table, uint32_t index);

/* Whether the site's operations have contexts; whether its code is a coroutine or generator. */
int site_table_has_callers(const site_table *table);
int site_table_suspends(const site_table *table, uint32_t index);
/* Of a sampled table: where the instruction of a site lies in the original body of the rewritten code, in bytes. */
uint32_t site_table_get_original(const site_table *table, uint32_t index);

/* What the operand of a site names; empty for nothing, or where the table says nonsense. */
site_table_text site_table_get_name(const site_table *table, uint32_t index);

#endif
