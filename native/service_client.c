#define _GNU_SOURCE
#include "service_client.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  IDLE_MAX = 4, /* threads that import at once are few */
  HIGH_FD = 500,
  TIMEOUT_SECONDS = 60,
  ANSWER_MAX = 1 << 30
};

/* Idle connections; a child of fork has copies of its parent's and must not use them. */
static struct {
  pthread_mutex_t lock;
  pid_t owner;
  int count;
  int fds[IDLE_MAX];
} idle = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int take_idle(void) {
  int fd = -1;
  pthread_mutex_lock(&idle.lock);
  if (idle.owner != getpid()) {
    while (idle.count > 0) close(idle.fds[--idle.count]);
    idle.owner = getpid();
  }
  if (idle.count > 0) fd = idle.fds[--idle.count];
  pthread_mutex_unlock(&idle.lock);
  return fd;
}

static void give_back(int fd) {
  pthread_mutex_lock(&idle.lock);
  int kept = idle.owner == getpid() && idle.count < IDLE_MAX;
  if (kept) idle.fds[idle.count++] = fd;
  pthread_mutex_unlock(&idle.lock);
  if (!kept) close(fd);
}

static int connect_new(void) {
  const char *path = getenv("PYREWRITE_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!path || strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
  if (high >= 0) {
    close(fd);
    fd = high;
  } else {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  int result;
  do result = connect(fd, (struct sockaddr *)&address, sizeof address);
  while (result != 0 && errno == EINTR);
  if (result == 0) return fd;
  close(fd);
  return -1;
}

static int send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    bytes += n;
    length -= (size_t)n;
  }
  return 1;
}

static int receive_all(int fd, char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = recv(fd, bytes, length, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    bytes += n;
    length -= (size_t)n;
  }
  return 1;
}

static void put_little_endian(uint8_t *out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

static int receive_answer(int fd, char **answer, size_t *answer_length) {
  uint8_t head[4];
  if (!receive_all(fd, (char *)head, sizeof head)) return 0;
  uint32_t length = (uint32_t)head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
  if (length > ANSWER_MAX) return 0;
  *answer_length = length;
  *answer = malloc(length ? length : 1);
  if (*answer && receive_all(fd, *answer, length)) return 1;
  free(*answer);
  *answer = NULL;
  return 0;
}

static int exchange(int fd, uint16_t python, const char *filename, size_t filename_length, const char *code,
                    size_t code_length, char **answer, size_t *answer_length) {
  uint8_t head[8];
  put_little_endian(head, (uint32_t)(4 + filename_length + code_length), 4);
  put_little_endian(head + 4, python, 2);
  put_little_endian(head + 6, (uint32_t)filename_length, 2);
  return send_all(fd, (const char *)head, sizeof head) && send_all(fd, filename, filename_length) &&
         send_all(fd, code, code_length) && receive_answer(fd, answer, answer_length);
}

int service_ask(uint16_t python, const char *filename, size_t filename_length, const char *code, size_t code_length,
                char **answer, size_t *answer_length) {
  *answer = NULL;
  if (filename_length > UINT16_MAX || code_length > ANSWER_MAX) return 0;
  int fd = take_idle();
  if (fd >= 0) {
    if (exchange(fd, python, filename, filename_length, code, code_length, answer, answer_length)) goto answered;
    close(fd); /* the service may have restarted: once more with a new connection */
  }
  fd = connect_new();
  if (fd < 0) return 0;
  if (exchange(fd, python, filename, filename_length, code, code_length, answer, answer_length)) goto answered;
  close(fd);
  return 0;
answered:
  give_back(fd);
  if (*answer_length > 0) return 1;
  free(*answer);
  *answer = NULL;
  return 0;
}
