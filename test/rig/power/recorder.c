/*
 * Preloaded into a process, writes down every write, truncation and sync of files below a folder, in order, so that the
 * rig can rebuild the files as a power cut would leave them: without what was written after the last sync.
 *
 * RIG_RECORD_ROOT: the folder. RIG_RECORD_JOURNAL: where the records go, each a header, the path, and the data.
 * Left out: shared-memory files (SQLite rebuilds them) and writes through mappings (SQLite is not told to map files).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OP_WRITE = 1, OP_TRUNCATE = 2, OP_SYNC = 3, OP_RENAME = 4, OP_UNLINK = 5 };

struct header {
  uint32_t op;
  uint32_t path_length;
  uint64_t offset;
  uint64_t length;
};

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_length;
static int journal = -1;

__attribute__((constructor)) static void begin(void) {
  root = getenv("RIG_RECORD_ROOT");
  const char *file = getenv("RIG_RECORD_JOURNAL");
  if (!root || !file) return;
  root_length = strlen(root);
  journal = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_recorded(const char *path) {
  size_t length = strlen(path);
  if (journal < 0 || strncmp(path, root, root_length) != 0) return 0;
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

/* Whether the descriptor is of a file below the folder; its path is then in `path`. */
static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (journal < 0 || fd == journal) return 0;
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  struct stat state;
  if (!is_recorded(path) || strstr(path, " (deleted)")) return 0;
  return fstat(fd, &state) == 0 && S_ISREG(state.st_mode);
}

static void put(const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    ssize_t written = syscall(SYS_write, journal, at, length);
    if (written <= 0) abort(); /* A record that is missing would make the rig lie. */
    at += written;
    length -= written;
  }
}

static void record(uint32_t op, const char *path, uint64_t offset, const void *data, uint64_t length) {
  struct header header = {op, strlen(path), offset, length};
  put(&header, sizeof header);
  put(path, header.path_length);
  if (data) put(data, length);
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* The real call and its record happen together, so that the journal has the order of the disk. */
#define RECORDED(call, after) \
  char path[PATH_MAX]; \
  if (!path_of(fd, path)) return call; \
  pthread_mutex_lock(&order); \
  __typeof__(call) result = call; \
  after; \
  pthread_mutex_unlock(&order); \
  return result

static off64_t place_of_next_write(int fd) {
  struct stat state;
  if (fcntl(fd, F_GETFL) & O_APPEND) return fstat(fd, &state) == 0 ? state.st_size : 0;
  return lseek64(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *data, size_t count) {
  REAL(write);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, data, count);
  pthread_mutex_lock(&order);
  off64_t offset = place_of_next_write(fd);
  ssize_t result = real(fd, data, count);
  if (result > 0) record(OP_WRITE, path, offset, data, result);
  pthread_mutex_unlock(&order);
  return result;
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t offset) {
  REAL(pwrite);
  RECORDED(real(fd, data, count, offset), if (result > 0) record(OP_WRITE, path, offset, data, result));
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
  REAL(pwrite64);
  RECORDED(real(fd, data, count, offset), if (result > 0) record(OP_WRITE, path, offset, data, result));
}

static void record_parts(const char *path, const struct iovec *parts, int count, off64_t offset, ssize_t written) {
  for (int part = 0; part < count && written > 0; part++) {
    size_t length = parts[part].iov_len < (size_t)written ? parts[part].iov_len : (size_t)written;
    record(OP_WRITE, path, offset, parts[part].iov_base, length);
    offset += length;
    written -= length;
  }
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, parts, count);
  pthread_mutex_lock(&order);
  off64_t offset = place_of_next_write(fd);
  ssize_t result = real(fd, parts, count);
  record_parts(path, parts, count, offset, result);
  pthread_mutex_unlock(&order);
  return result;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  REAL(pwritev);
  RECORDED(real(fd, parts, count, offset), record_parts(path, parts, count, offset, result));
}

int ftruncate(int fd, off_t length) {
  REAL(ftruncate);
  RECORDED(real(fd, length), if (result == 0) record(OP_TRUNCATE, path, length, 0, 0));
}

int ftruncate64(int fd, off64_t length) {
  REAL(ftruncate64);
  RECORDED(real(fd, length), if (result == 0) record(OP_TRUNCATE, path, length, 0, 0));
}

int fsync(int fd) {
  REAL(fsync);
  RECORDED(real(fd), if (result == 0) record(OP_SYNC, path, 0, 0, 0));
}

int fdatasync(int fd) {
  REAL(fdatasync);
  RECORDED(real(fd), if (result == 0) record(OP_SYNC, path, 0, 0, 0));
}

static int opened(int fd, int flags) {
  char path[PATH_MAX];
  if (fd >= 0 && (flags & O_TRUNC) && path_of(fd, path)) {
    pthread_mutex_lock(&order);
    record(OP_TRUNCATE, path, 0, 0, 0);
    pthread_mutex_unlock(&order);
  }
  return fd;
}

#define MODE_ARGUMENT \
  va_list rest; \
  va_start(rest, flags); \
  mode_t mode = va_arg(rest, mode_t); \
  va_end(rest)

int open(const char *file, int flags, ...) {
  REAL(open);
  MODE_ARGUMENT;
  return opened(real(file, flags, mode), flags);
}

int open64(const char *file, int flags, ...) {
  REAL(open64);
  MODE_ARGUMENT;
  return opened(real(file, flags, mode), flags);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  if (!is_recorded(from)) return real(from, to);
  pthread_mutex_lock(&order);
  int result = real(from, to);
  if (result == 0) record(OP_RENAME, from, 0, to, strlen(to));
  pthread_mutex_unlock(&order);
  return result;
}

int unlink(const char *file) {
  REAL(unlink);
  if (!is_recorded(file)) return real(file);
  pthread_mutex_lock(&order);
  int result = real(file);
  if (result == 0) record(OP_UNLINK, file, 0, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int unlinkat(int directory, const char *name, int flags) {
  REAL(unlinkat);
  char path[2 * PATH_MAX];
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t length = name[0] == '/' || directory == AT_FDCWD ? 0 : readlink(link, path, PATH_MAX - 1);
  if (length < 0 || (flags & AT_REMOVEDIR)) return real(directory, name, flags);
  snprintf(path + length, PATH_MAX, length == 0 ? "%s" : "/%s", name);
  if (!is_recorded(path)) return real(directory, name, flags);
  pthread_mutex_lock(&order);
  int result = real(directory, name, flags);
  if (result == 0) record(OP_UNLINK, path, 0, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}
