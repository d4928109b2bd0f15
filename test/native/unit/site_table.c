/* Site tables from anywhere: whatever is accepted can be read to its end. */
#include "site_table.h"

#include <string.h>

#include "unit.h"

enum { HEAD = 64, CODE = 32, SITE = 32, CODES = 3, TABLE_SITES = 5, STRINGS = 4 + 9 };

enum { STRINGS_AT = HEAD + CODES * CODE + TABLE_SITES * SITE, LENGTH = STRINGS_AT + STRINGS };

static void put(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value |= (uint32_t)p[i] << (8 * i);
  return value;
}

/* Three code objects, the third inside the second, with 2, 0 and 3 sites. */
static void make_table(uint8_t *bytes) {
  static const uint32_t head[] = {1, LENGTH, CODES, HEAD, TABLE_SITES, HEAD + CODES * CODE,
                                 STRINGS_AT, STRINGS, 0x030C, 0};
  static const uint32_t codes[CODES][5] = {{SITE_TABLE_NO_PARENT, 0, 3, 0, 2}, {0, 7, 0, 2, 0}, {1, 1, 9, 2, 3}};
  memset(bytes, 0, LENGTH);
  memcpy(bytes, "PYRWSITE", 8);
  for (int i = 0; i < 10; i++) put(bytes + 8 + i * 4, head[i]);
  memcpy(bytes + 48, "identity", 8);
  for (int c = 0; c < CODES; c++)
    for (int i = 0; i < 5; i++) put(bytes + HEAD + c * CODE + i * 4, codes[c][i]);
  bytes[HEAD + CODES * CODE + 3 * SITE + 2] = SITE_KIND_AWAIT;
  put(bytes + STRINGS_AT, 0); /* the empty name */
  put(bytes + STRINGS_AT + 4, 5);
  memcpy(bytes + STRINGS_AT + 8, "names", 5);
  put(bytes + HEAD + CODES * CODE + 4 * SITE + 4, 4);
}

/* What the document says must hold; with wide numbers, so that nothing can wrap. */
static int is_sound(const uint8_t *bytes, uint64_t length) {
  if (length < HEAD || memcmp(bytes, "PYRWSITE", 8) != 0 || get(bytes + 8) != 1 || get(bytes + 12) != length) return 0;
  uint64_t codes = get(bytes + 16), codes_at = get(bytes + 20), count = get(bytes + 24), sites_at = get(bytes + 28);
  if (codes == 0 || codes_at < HEAD || sites_at < HEAD) return 0;
  if (codes_at + codes * CODE > length || sites_at + count * SITE > length) return 0;
  uint64_t origins_at = get(bytes + 56);
  if ((get(bytes + 44) & SITE_TABLE_SAMPLED) != 0 && (origins_at < HEAD || origins_at + count * 4 > length)) return 0;
  uint64_t expected = 0;
  for (uint64_t c = 0; c < codes; c++) {
    const uint8_t *code = bytes + codes_at + c * CODE;
    uint64_t parent = get(code), first_const = get(code + 8), first = get(code + 12), own = get(code + 16);
    if (c == 0 ? parent != SITE_TABLE_NO_PARENT : parent >= c) return 0;
    if (first != expected || first + own > count || first_const + own > UINT32_MAX) return 0;
    expected += own;
  }
  return 1;
}

static volatile unsigned sum;

/* Reads all of it; a sanitizer sees what lies outside. */
static unsigned read_all(const site_table *table) {
  unsigned awaits = 0;
  for (uint32_t c = 0; c < table->code_count; c++) {
    site_table_code code = site_table_get_code(table, c);
    for (uint32_t s = 0; s < code.site_count; s++) {
      awaits += site_table_get_kind(table, code.first_site + s) == SITE_KIND_AWAIT;
      CHECK(site_table_get_operands(table, code.first_site + s).count < 4);
      site_table_text name = site_table_get_name(table, code.first_site + s);
      if (table->is_sampled) sum += site_table_get_original(table, code.first_site + s);
      for (uint32_t i = 0; i < name.length; i++) sum += (unsigned char)name.bytes[i];
    }
  }
  return awaits;
}

/* In memory exactly as long as the table. 1 when it is accepted. */
static int check_table(const uint8_t *bytes, size_t length) {
  site_table table;
  uint8_t *exact = malloc(length ? length : 1);
  CHECK(exact);
  memcpy(exact, bytes, length);
  int accepted = site_table_read(exact, length, &table);
  CHECK(accepted == is_sound(exact, length));
  if (accepted) read_all(&table);
  free(exact);
  return accepted;
}

static void test_good_table(void) {
  uint8_t bytes[LENGTH];
  site_table table;
  make_table(bytes);
  CHECK(site_table_read(bytes, sizeof bytes, &table));
  CHECK(table.code_count == CODES && table.site_count == TABLE_SITES && table.python == 0x030C);
  CHECK(memcmp(table.id, "identity", 8) == 0 && table.length == LENGTH);
  site_table_code code = site_table_get_code(&table, 2);
  CHECK(code.parent == 1 && code.const_index == 1 && code.first_const == 9);
  CHECK(code.first_site == 2 && code.site_count == 3);
  site_table_text name = site_table_get_name(&table, 4);
  CHECK(name.length == 5 && memcmp(name.bytes, "names", 5) == 0 && site_table_get_name(&table, 0).length == 0);
  CHECK(read_all(&table) == 1 && site_table_get_kind(&table, 3) == SITE_KIND_AWAIT);
}

static void test_cut_tables(void) {
  uint8_t bytes[LENGTH];
  make_table(bytes);
  for (size_t length = 0; length < LENGTH; length++) {
    CHECK(!check_table(bytes, length));
    if (length >= 16) put(bytes + 12, (uint32_t)length); /* one that says so itself */
    check_table(bytes, length);
    put(bytes + 12, LENGTH);
  }
  CHECK(check_table(bytes, LENGTH));
}

/* Every number in turn, and every two of them, at every edge. */
static void test_hostile_numbers(void) {
  static const uint32_t edges[] = {0,          1,          2,          31,         32,         63,
                                   64,         65,         96,         160,        LENGTH - 1, LENGTH,
                                   LENGTH + 1, 0x07FFFFFF, 0x08000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFE0,
                                   0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF};
  enum { EDGES = sizeof edges / sizeof *edges, NUMBERS = 9 + CODES * 5 };
  uint8_t bytes[LENGTH];
  size_t places[NUMBERS];
  for (size_t i = 0; i < 6; i++) places[i] = 8 + i * 4;
  places[6] = 32;
  places[7] = HEAD + CODES * CODE + 4 * SITE + 4;
  places[8] = STRINGS_AT + 4;
  for (size_t i = 0; i < CODES * 5; i++) places[9 + i] = HEAD + i / 5 * CODE + i % 5 * 4;
  int accepted = 0;
  for (int one = 0; one < NUMBERS; one++)
    for (int two = one; two < NUMBERS; two++)
      for (int i = 0; i < EDGES * EDGES; i++) {
        make_table(bytes);
        put(bytes + places[one], edges[i % EDGES]);
        put(bytes + places[two], edges[i / EDGES]);
        accepted += check_table(bytes, LENGTH);
      }
  CHECK(accepted > 100);
}

static void test_random_damage(void) {
  uint8_t bytes[LENGTH];
  int accepted = 0;
  for (int i = 0; i < 200000; i++) {
    make_table(bytes);
    for (uint64_t k = unit_random() % 3 + 1; k > 0; k--)
      bytes[8 + unit_random() % (LENGTH - 8)] = (uint8_t)unit_random();
    accepted += check_table(bytes, LENGTH);
  }
  CHECK(accepted > 1000);
}

void test_site_tables(void) {
  test_good_table();
  test_cut_tables();
  test_hostile_numbers();
  test_random_damage();
}
