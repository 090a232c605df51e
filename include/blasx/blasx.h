/* SPDX-License-Identifier: Apache-2.0 */
/* Control of libblasx from C: settings, devices, statistics, timeline. Nothing here is needed to
 * use the library: the BLAS calls of a program are taken without it, and every setting has an
 * environment variable.
 *
 * All functions may be called from any thread at any time, also before the first BLAS call, and
 * none of them throws, exits or writes to stdout. Unless said otherwise a function returns BLASX_OK
 * or the reason why it did nothing; blasx_last_message() then has a sentence for people. Structs
 * start with their size, which the caller sets: `blasx_device d = {.size = sizeof d}`; a library
 * newer than the program fills what the program knows of. Texts in structs end in a zero byte, cut
 * off if need be. */
#ifndef BLASX_BLASX_H
#define BLASX_BLASX_H

#include <stddef.h>
#include <stdint.h>

#define BLASX_VERSION_MAJOR 0
#define BLASX_VERSION_MINOR 1
#define BLASX_VERSION_PATCH 0

#ifndef BLASX_API
#define BLASX_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum blasx_status {
  BLASX_OK = 0,
  BLASX_INVALID_ARGUMENT = 1, /* not one of the accepted values, or a null pointer */
  BLASX_NOT_FOUND = 2,        /* no such setting, device, routine */
  BLASX_UNAVAILABLE = 3,      /* not now: fixed since the first call, not measured yet */
  BLASX_OUT_OF_MEMORY = 4,
  BLASX_DEVICE_LOST = 5,
  BLASX_IO_ERROR = 6, /* a file could not be read or written */
  BLASX_UNSUPPORTED = 7,
  BLASX_INTERNAL = 8 /* a mistake of the library's own, please report it */
} blasx_status;

/* Version of the library that is loaded and the commit it was built from, "0.1.0+4ef7b0d0a1b2" or, built
 * outside of a checkout, "0.1.0+unknown"; a constant of the library. */
BLASX_API const char* blasx_version(void);

/* A few words for a status, "not found"; a constant of the library. Never null. */
BLASX_API const char* blasx_status_text(blasx_status status);

/* What the last function of this header that failed on the calling thread had to say; empty before
 * the first failure. Valid until the next failure on this thread. Never null. */
BLASX_API const char* blasx_last_message(void);

/* ---- Settings
 * -------------------------------------------------------------------------------------------------------
 */

/* Sets a setting to a text, as the environment variable of the same name would: blasx_set("tile",
 * "512"). Names are taken with or without BLASX_, in any case; values are those that `blasx-info
 * --variables` lists. Beats environment and blasx.conf. Some settings are fixed by the first
 * level-3 call (`at_start` of blasx_setting): then BLASX_UNAVAILABLE. A value that is not accepted
 * changes nothing: BLASX_INVALID_ARGUMENT. Calls of other threads that are under way keep the old
 * value. */
BLASX_API blasx_status blasx_set(const char* name, const char* value);

typedef struct blasx_setting {
  size_t size;
  const char* name;     /* "TILE"; these four are constants of the library */
  const char* initial;  /* "auto" */
  const char* accepted; /* "auto or 8..16384" */
  const char* meaning;  /* one sentence */
  int32_t at_start;     /* 1: fixed by the first level-3 call */
  char value[512];      /* as it holds now */
  char origin[512];     /* "default", "/etc/blasx.conf:3", "BLASX_TILE", "blasx_set" */
} blasx_setting;

/* How many settings there are, and the one at `index` (0 .. count - 1) or of a name, written to the
 * caller's `out`. Reads the configuration file and the environment if nothing has read them yet.
 * BLASX_NOT_FOUND for an index or name that is none. */
BLASX_API int32_t blasx_setting_count(void);
BLASX_API blasx_status blasx_setting_at(int32_t index, blasx_setting* out);
BLASX_API blasx_status blasx_get(const char* name, blasx_setting* out);

/* ---- What the library runs on
 * ------------------------------------------------------------------------------------------- */

typedef struct blasx_device {
  size_t size;
  char name[64];         /* "cpu", "host:0", "cuda:0" */
  char description[256]; /* for people */
  int64_t
      memory_bytes; /* from which its tile cache is cut; 0 where it works in the caller's memory */
  int32_t compute_units; /* worker threads or multiprocessors */
  double
      link_rate; /* bytes per second from the host's memory to its own; 0: as fast as memory, -1: not measured yet */
} blasx_device;

/* How many devices the configuration gives, and the one at `index`. Opens the devices as the first
 * call worth offloading would (threads are started, settings that hold from the start are fixed). 0
 * devices: every call goes to the host BLAS. */
BLASX_API int32_t blasx_device_count(void);
BLASX_API blasx_status blasx_device_at(int32_t index, blasx_device* out);

typedef struct blasx_host_blas {
  size_t size;
  char name[64];        /* "OpenBLAS" */
  char version[256];    /* as the library says, may be empty */
  char path[1024];      /* of the file it was loaded from */
  char found[64];       /* how it was found: "BLASX_HOST_BLAS", "by soname" */
  int32_t integer_bits; /* 32 or 64 */
  int32_t threads;      /* that it would use for a call now */
} blasx_host_blas;

/* The BLAS library underneath for callers with integers of 32 or 64 bits. Looks for it and loads it
 * if no call has. BLASX_INVALID_ARGUMENT for other widths; where there is none, the built-in one is
 * described (name "built in"). */
BLASX_API blasx_status blasx_host_blas_for(int32_t integer_bits, blasx_host_blas* out);

typedef struct blasx_rate {
  size_t size;
  char routine[16];
  double host;      /* operations per second of the host BLAS with all its threads */
  double cpu_tiles; /* of tiles on the processor */
  int32_t measured; /* 1: measured on this machine; 0: assumed until then */
} blasx_rate;

/* What the library believes about a routine with its type letter ("dgemm") when it decides where a
 * call runs. Rates are measured by the first calls that need them and kept in CACHE_DIR; this
 * reads, it does not measure. BLASX_NOT_FOUND for names that are no routine. */
BLASX_API blasx_status blasx_rate_of(const char* routine, blasx_rate* out);

/* Measures the rates of all routines again and keeps them in CACHE_DIR. Takes seconds, during which
 * the machine should do nothing else; the calls of other threads wait. */
BLASX_API blasx_status blasx_measure(void);

/* ---- Statistics
 * ---------------------------------------------------------------------------------------------------------
 */

typedef struct blasx_stats {
  size_t size;
  char routine[16]; /* "dgemm", "total" */
  int64_t calls_on_host;
  int64_t calls_as_cpu_tiles;
  int64_t calls_on_devices;
  double operations; /* floating-point, a complex multiply-add counts 8 */
  double seconds;    /* summed over calls, also of those that ran at the same time */
  int64_t bytes_to_device;
  int64_t bytes_device_to_device;
  int64_t bytes_to_host;
  int64_t level1_hits; /* tiles found in the device's own memory */
  int64_t level2_hits; /* tiles fetched from another device */
  int64_t misses;      /* tiles fetched from the host's memory */
  double least_bytes;  /* lower bound of what had to move, where known */
} blasx_stats;

/* What was counted since the start or the last reset for a routine with its type letter ("dgemm"),
 * or "total". Calls that ran as tiles are always counted; calls that stayed on the host only while
 * STATS, TRACE or EXPLAIN is set, because counting costs more than a small call: blasx_set("stats",
 * "quiet") counts them and prints nothing. BLASX_NOT_FOUND for other names. */
BLASX_API blasx_status blasx_stats_of(const char* routine, blasx_stats* out);

/* Forgets what was counted. */
BLASX_API void blasx_stats_reset(void);

/* ---- Timeline and explanations
 * ------------------------------------------------------------------------------------------- */

/* Starts collecting a timeline for `path` (%p in it becomes the process id), as BLASX_TRACE does
 * from the start of the program. The file is written by blasx_trace_stop(), blasx_flush() or the
 * end of the program, whichever comes first; it holds JSON in Chrome's trace format. A timeline
 * that is being collected goes on, to the new path. */
BLASX_API blasx_status blasx_trace_start(const char* path);

/* Writes the timeline and stops collecting. BLASX_OK and no file when nothing ran. */
BLASX_API blasx_status blasx_trace_stop(void);

/* From now on (1) or no longer (0): one line of JSON on stderr for each call, telling where it ran,
 * why, and how long each choice was predicted to take. */
BLASX_API blasx_status blasx_explain(int32_t on);

/* Writes the timeline as far as it has come, for programs that may not live to their end. */
BLASX_API blasx_status blasx_flush(void);

#ifdef __cplusplus
}
#endif

#endif /* BLASX_BLASX_H */
