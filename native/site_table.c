#include "site_table.h"

#include <string.h>

enum { HEADER_SIZE = 64, CODE_SIZE = 32, SITE_SIZE = 32, VERSION = 1 };

static uint32_t u32_at(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int fits(size_t length, uint32_t offset, uint64_t size) {
  return offset >= HEADER_SIZE && offset <= length && size <= length - offset;
}

/* Parents come before children, so that one pass finds every code object; each site belongs to one, in order. */
static int codes_agree(const site_table *table) {
  uint32_t sites = 0;
  for (uint32_t i = 0; i < table->code_count; i++) {
    site_table_code code = site_table_get_code(table, i);
    int has_parent = code.parent != SITE_TABLE_NO_PARENT;
    if (has_parent != (i > 0) || (has_parent && code.parent >= i)) return 0;
    if (code.first_site != sites || code.site_count > table->site_count - sites) return 0;
    sites += code.site_count;
    if (code.first_const > UINT32_MAX - code.site_count) return 0;
  }
  return 1;
}

int site_table_read(const void *bytes, size_t length, site_table *table) {
  const uint8_t *p = bytes;
  if (length < HEADER_SIZE || length > UINT32_MAX || memcmp(p, "PYRWSITE", 8) != 0) return 0;
  if (u32_at(p + 8) != VERSION || u32_at(p + 12) != length) return 0;
  table->bytes = p;
  table->length = length;
  table->code_count = u32_at(p + 16);
  table->codes_offset = u32_at(p + 20);
  table->site_count = u32_at(p + 24);
  table->sites_offset = u32_at(p + 28);
  table->strings_offset = u32_at(p + 32);
  table->python = u32_at(p + 40);
  table->flags = u32_at(p + 44);
  table->is_sampled = (u32_at(p + 44) & SITE_TABLE_SAMPLED) != 0;
  table->originals_offset = u32_at(p + 56);
  table->budget = u32_at(p + 60);
  memcpy(table->id, p + 48, 8);
  if (table->code_count == 0) return 0;
  if (!fits(length, table->codes_offset, (uint64_t)table->code_count * CODE_SIZE)) return 0;
  if (!fits(length, table->sites_offset, (uint64_t)table->site_count * SITE_SIZE)) return 0;
  if (table->is_sampled && !fits(length, table->originals_offset, (uint64_t)table->site_count * 4)) return 0;
  return codes_agree(table);
}

site_table_code site_table_get_code(const site_table *table, uint32_t index) {
  const uint8_t *p = table->bytes + table->codes_offset + (size_t)index * CODE_SIZE;
  site_table_code code = {u32_at(p),      u32_at(p + 4),  u32_at(p + 8), u32_at(p + 12),
                          u32_at(p + 16), u32_at(p + 28), table->is_sampled && (u32_at(p + 28) & SITE_CODE_SAMPLED)};
  return code;
}

static const uint8_t *site_at(const site_table *table, uint32_t index) {
  return table->bytes + table->sites_offset + (size_t)index * SITE_SIZE;
}

uint8_t site_table_get_kind(const site_table *table, uint32_t index) { return site_at(table, index)[2]; }

site_table_operands site_table_get_operands(const site_table *table, uint32_t index) {
  uint8_t flags = site_at(table, index)[3];
  return (site_table_operands){flags & 3, flags >> 2};
}

int site_table_has_callers(const site_table *table) { return (table->flags & SITE_TABLE_CALLERS) != 0; }

int site_table_suspends(const site_table *table, uint32_t index) {
  uint32_t low = 0, high = table->code_count; /* the last code object that does not begin behind the site */
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (site_table_get_code(table, middle).first_site <= index) low = middle;
    else high = middle;
  }
  return (site_table_get_code(table, low).flags & SITE_CODE_SUSPENDS) != 0;
}

uint32_t site_table_get_original(const site_table *table, uint32_t index) {
  return u32_at(table->bytes + table->originals_offset + (size_t)index * 4);
}

site_table_text site_table_get_name(const site_table *table, uint32_t index) {
  uint64_t at = (uint64_t)table->strings_offset + u32_at(site_at(table, index) + 4);
  if (at + 4 > table->length) return (site_table_text){NULL, 0};
  uint32_t length = u32_at(table->bytes + at);
  if (length > table->length - at - 4) return (site_table_text){NULL, 0};
  return (site_table_text){(const char *)table->bytes + at + 4, length};
}
