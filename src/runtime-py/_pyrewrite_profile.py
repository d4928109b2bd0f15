"""Writes the profile file for the recorder in Python; see docs/reference/formats/profile.md."""
import os
import struct
import sys
from time import monotonic_ns, perf_counter_ns

# docs/reference/formats/profile.md; a test compares these with src/profile/format.ts
HEADER_SIZE, SITE_SIZE, ALIGNMENT, BLOCK_UNIT = 512, 256, 64, 64
SUB_BUCKETS, OCTAVES = 32, 48
FINISHED, FORKED, COARSE = 1, 2, 4
PERF_COUNTER = 4
SWITCHES = 460  # where the header tells of times in which recording was off
PROCESS, TABLE, SITES, BLOCKS = 1, 2, 3, 4
BLOCK_SIZE = SUB_BUCKETS * 4

# indices of a site's counters in a thread
COUNT, RAISED, TOTAL, SELF, MIN, MAX, LAST, LOST, HISTOGRAM = range(9)


def bucket_of(ticks):
    """Number of the bucket: octave * 32 + place in it; see native/histogram.h."""
    octave = (ticks | 16).bit_length() - 5
    if octave >= OCTAVES:
        return OCTAVES * SUB_BUCKETS - 1
    return octave * SUB_BUCKETS + (ticks >> (octave - (octave != 0)) & 31)


def record(kind, head, body):
    """A record: type, zero, length, then the head padded to its size, then the body, padded to 64."""
    data = bytes(16) + head + body
    data += bytes(-len(data) % ALIGNMENT)
    return struct.pack("<IIQ", kind, 0, len(data)) + data[16:]


def _process_record(recorder):
    body = b""
    for pair in recorder.facts:
        for text in pair:
            encoded = text.encode("utf-8", "surrogateescape")
            body += struct.pack("<I", len(encoded)) + encoded
    return record(PROCESS, struct.pack("<I12x", len(recorder.facts)), body)


def _merged_sites(recorder):
    """Counters of each site, summed over the threads."""
    merged = {}
    for thread in recorder.threads:
        for site, counters in list(thread.sites.items()):
            sums = merged.setdefault(site, [0, 0, 0, 0, None, 0, 0, 0, {}])
            for i in (COUNT, RAISED, TOTAL, SELF, LOST):
                sums[i] += counters[i]
            if counters[MIN] is not None and (sums[MIN] is None or counters[MIN] < sums[MIN]):
                sums[MIN] = counters[MIN]
            sums[MAX] = max(sums[MAX], counters[MAX])
            sums[LAST] = max(sums[LAST], counters[LAST])
            for bucket, count in counters[HISTOGRAM].items():
                sums[HISTOGRAM][bucket] = sums[HISTOGRAM].get(bucket, 0) + count
    return merged


class _Blocks:
    """Histogram blocks of all sites, in one record behind the others."""

    def __init__(self, offset):
        self.first = (offset + 64) // BLOCK_UNIT
        self.blocks = []

    def add(self, histogram):
        """The block indices of a site, by octave."""
        indices = [0] * OCTAVES
        for bucket, count in histogram.items():
            octave, place = divmod(bucket, SUB_BUCKETS)
            if not indices[octave]:
                indices[octave] = self.first + len(self.blocks) * (BLOCK_SIZE // BLOCK_UNIT)
                self.blocks.append([0] * SUB_BUCKETS)
            block = (indices[octave] - self.first) // (BLOCK_SIZE // BLOCK_UNIT)
            self.blocks[block][place] = min(count, 0xFFFFFFFF)
        return indices

    def record(self):
        body = b"".join(struct.pack("<32I", *block) for block in self.blocks)
        return record(BLOCKS, struct.pack("<II40x", len(self.blocks), len(self.blocks)), body)


def _site_struct(counters, blocks):
    if counters is None:
        return bytes(SITE_SIZE)
    indices = blocks.add(counters[HISTOGRAM])
    numbers = counters[:MIN] + [counters[MIN] or 0] + counters[MAX:HISTOGRAM]
    return struct.pack("<2Q2q4Q48I", *numbers, *indices)


class Thread:
    """What a thread recorded, and which operations are open on it."""

    __slots__ = ("stack", "sites", "active", "lost_ends", "skips")

    def __init__(self):
        self.stack = []
        self.sites = {}
        self.active = {}
        self.lost_ends = 0
        self.skips = 0  # entries of the stack that stand for operations which began while recording was off

    def skip(self):
        """An operation begins that is not recorded: inside of others its end must not be taken for theirs."""
        stack = self.stack
        if stack and stack[-1][0] is None:
            stack[-1][1] += 1
        elif stack:
            stack.append([None, 1, 0, 0])
            self.skips += 1

    def ends_skipped(self, site):
        """Whether an end is of such an operation; drops what was left open inside."""
        stack = self.stack
        for depth in range(len(stack) - 1, -1, -1):
            if stack[depth][0] == site:
                return False
            if stack[depth][0] is None:
                break
        else:
            return False
        while stack[-1][0] is not None:
            self.drop()
        stack[-1][1] -= 1
        if stack[-1][1] == 0:
            span = stack.pop()
            self.skips -= 1
            stack[-1][2] += span[2]
            stack[-1][3] += span[3]
        return True

    def drop(self):
        """The end of the innermost operation was never seen."""
        span = self.stack.pop()
        self.active[span[0]] -= 1
        self.lose(span[0])
        if self.stack:
            self.stack[-1][2] += span[2]
            self.stack[-1][3] += span[3] + 1

    def count(self, site, duration, self_time, now, raised, outermost):
        counters = self.sites.get(site)
        if counters is None:
            counters = self.sites[site] = [0, 0, 0, 0, None, 0, 0, 0, {}]
        shown = duration if duration > 0 else 0
        counters[COUNT] += 1
        counters[RAISED] += raised
        counters[TOTAL] += duration if outermost else 0
        counters[SELF] += self_time
        if counters[MIN] is None or shown < counters[MIN]:
            counters[MIN] = shown
        if shown > counters[MAX]:
            counters[MAX] = shown
        counters[LAST] = now
        histogram = counters[HISTOGRAM]
        bucket = bucket_of(shown)
        histogram[bucket] = histogram.get(bucket, 0) + 1

    def lose(self, site):
        if site not in self.sites:
            self.sites[site] = [0, 0, 0, 0, None, 0, 0, 0, {}]
        self.sites[site][LOST] += 1


def profile_bytes(recorder):
    """The whole file."""
    sites = _merged_sites(recorder)
    tables, first, offset = [], 0, HEADER_SIZE
    process = _process_record(recorder)
    offset += len(process)
    for (filename, table), probes in recorder.tables.items():
        name = filename.encode("utf-8", "surrogatepass")
        text = record(TABLE, struct.pack("<3I4x", len(name), len(table), first), name + table)
        tables.append((text, offset, first, len(probes)))
        offset += len(text) + 64 + SITE_SIZE * len(probes)
        first += len(probes)
    blocks = _Blocks(offset)
    body = process
    for text, at, first, count in tables:
        structs = b"".join(_site_struct(sites.get(first + i), blocks) for i in range(count))
        body += text + record(SITES, struct.pack("<QII32x", at, count, first), structs)
    body += blocks.record()
    return _header(recorder, HEADER_SIZE + len(body), sum(counters[LOST] for counters in sites.values())) + body


def _header(recorder, size, lost):
    start, start_ns, start_unix = recorder.start
    numbers = recorder.header
    flags = FINISHED | COARSE | (FORKED if recorder.forks else 0)
    head = struct.pack("<8s6I2Q4I5Q", b"PYRWPROF", 1, HEADER_SIZE, SITE_SIZE, OCTAVES, SUB_BUCKETS, flags, size, size,
                       os.getpid(), os.getppid(), PERF_COUNTER, sys.hexversion, start, start_ns, start_unix,
                       perf_counter_ns(), monotonic_ns())
    head += struct.pack("<6d4I", 1e9, numbers["inner"], numbers["pair"], numbers["spread"], 1.0, numbers["floor"],
                        recorder.inner, recorder.pair, len(recorder.threads), recorder.forks)
    ends = sum(thread.lost_ends for thread in recorder.threads)
    head += struct.pack("<7Q2I", max(0, lost - recorder.abandoned), ends, 0, recorder.abandoned, recorder.refused,
                        0, 0, len(recorder.tables), recorder.site_count)
    off = recorder.off + (0 if recorder.off_since is None else perf_counter_ns() - recorder.off_since)
    switched = struct.pack("<IQQ", recorder.switches, off, 0)
    return head + bytes(SWITCHES - len(head)) + switched + bytes(HEADER_SIZE - SWITCHES - len(switched))


def choose_pattern():
    """Absolute; %p stands for the process id. As native/profile_place.c."""
    wish = os.environ.get("PYREWRITE_OUT", "")
    if not wish or wish.endswith("/") or os.path.isdir(wish):
        pattern = os.path.join(wish.replace("%", "%%"), "pyrewrite-%p.prof")
    elif "p" in [piece[:1] for piece in wish.replace("%%", "").split("%")[1:]]:
        pattern = wish
    else:
        folder, name = os.path.split(wish)
        stem, extension = os.path.splitext(name)
        pattern = os.path.join(folder, stem + "-%p" + extension)
    return os.path.join(os.getcwd().replace("%", "%%"), pattern)


def path_of(pattern, attempt):
    """Path for this process; `attempt` > 0 asks for another name, because that one exists."""
    pid = str(os.getpid()) + ("-%d" % attempt if attempt else "")
    return "%".join(piece.replace("%p", pid) for piece in pattern.split("%%"))
