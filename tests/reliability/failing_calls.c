// Fails one file call of a process, the FAIL_AT-th of those that concern files below FAIL_IN, as a full or a broken disk would.
// Preloaded by tests/reliability; see there. FAIL_ERRNO is the error. The number of calls so far is written to FAIL_LOG at the end.
// With FAIL_WHILE, every such call fails as long as that file is there, with the error that is its content.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;
// Whether the call that failed was to bring data to the disk.
static int failed_flush;

static int concerns(const char *path) {
    const char *in = getenv("FAIL_IN");
    return in && path && strncmp(path, in, strlen(in)) == 0;
}

static int concerns_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return concerns(path);
}

static int fails(void) {
    const char *at = getenv("FAIL_AT"), *error = getenv("FAIL_ERRNO");
    const char *while_there = getenv("FAIL_WHILE");
    FILE *standing = while_there ? fopen(while_there, "r") : NULL;
    if (standing) {
        int number = 0, found = fscanf(standing, "%d", &number);
        fclose(standing);
        if (found == 1 && number > 0) { errno = number; return 1; }
    }
    long number = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (!at || number != atol(at)) return 0;
    errno = error ? atoi(error) : EIO;
    return 1;
}

__attribute__((destructor)) static void report(void) {
    const char *log = getenv("FAIL_LOG");
    if (!log) return;
    FILE *file = fopen(log, "w");
    if (file) { fprintf(file, "%ld %d", calls, failed_flush); fclose(file); }
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); va_list list; va_start(list, flags); mode_t mode = va_arg(list, mode_t); va_end(list); \
        if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) && concerns(path) && fails()) return -1; \
        return real(path, flags, mode); }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t size) {
    REAL(write); if (concerns_fd(fd) && fails()) return -1; return real(fd, bytes, size); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    REAL(pwrite); if (concerns_fd(fd) && fails()) return -1; return real(fd, bytes, size, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    REAL(pwrite64); if (concerns_fd(fd) && fails()) return -1; return real(fd, bytes, size, at); }
int fsync(int fd) { REAL(fsync); if (concerns_fd(fd) && fails()) { failed_flush = 1; return -1; } return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); if (concerns_fd(fd) && fails()) { failed_flush = 1; return -1; } return real(fd); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); if (concerns_fd(fd) && fails()) return -1; return real(fd, size); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); if (concerns_fd(fd) && fails()) return -1; return real(fd, size); }
int rename(const char *from, const char *to) { REAL(rename); if (concerns(to) && fails()) return -1; return real(from, to); }
int link(const char *from, const char *to) { REAL(link); if (concerns(to) && fails()) return -1; return real(from, to); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); if (concerns(path) && fails()) return -1; return real(path, mode); }
