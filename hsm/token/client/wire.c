#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int connect_to(const char *path, long timeout)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct timeval t = {timeout / 1000, (timeout % 1000) * 1000};
	if (strlen(path) >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) != 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) != 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool wire_reaches(const char *path, long timeout)
{
	int fd = connect_to(path, timeout);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

CK_RV wire_open(wire *w, const char *path, long timeout, const uint8_t id[WIRE_ID])
{
	memset(w, 0, sizeof *w);
	w->timeout = timeout;
	w->fd = connect_to(path, timeout);
	if (w->fd < 0)
		return CKR_TOKEN_NOT_PRESENT;
	w->buf = malloc(4 + WIRE_MAX);
	if (w->buf == NULL) {
		wire_close(w);
		return CKR_HOST_MEMORY;
	}
	put_begin(w, OP_HELLO);
	put_bytes(w, id, WIRE_ID);
	CK_RV rv = wire_ask(w);
	if (rv == CKR_OK) {
		get_u32(w); /* the longest frame the token takes; it is the same here */
		rv = wire_done(w);
	}
	if (rv != CKR_OK) {
		wire_close(w);
		return rv == CKR_DEVICE_ERROR ? rv : CKR_TOKEN_NOT_PRESENT;
	}
	return CKR_OK;
}

void wire_close(wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->buf != NULL) {
		explicit_bzero(w->buf, 4 + WIRE_MAX);
		free(w->buf);
	}
	memset(w, 0, sizeof *w);
	w->fd = -1;
}

bool wire_alive(const wire *w)
{
	uint8_t b;
	if (w->fd < 0)
		return false;
	ssize_t n = recv(w->fd, &b, 1, MSG_PEEK | MSG_DONTWAIT);
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK); /* nothing is due, and nothing is at its end */
}

void put_begin(wire *w, uint8_t op)
{
	w->failed = w->buf == NULL;
	if (w->failed)
		return;
	w->buf[4] = WIRE_VERSION;
	w->buf[5] = op;
	w->have = 6;
}

static void put(wire *w, const void *data, size_t n)
{
	if (w->failed || n > 4 + WIRE_MAX - w->have) {
		w->failed = true;
		return;
	}
	if (n > 0)
		memcpy(w->buf + w->have, data, n);
	w->have += n;
}

void put_u32(wire *w, uint32_t n) { put(w, &n, sizeof n); }

void put_u64(wire *w, uint64_t n) { put(w, &n, sizeof n); }

void put_bytes(wire *w, const void *data, size_t n)
{
	if (n > WIRE_MAX) {
		w->failed = true;
		return;
	}
	put_u32(w, (uint32_t)n);
	put(w, data, n);
}

static bool send_all(const wire *w)
{
	for (size_t sent = 0; sent < w->have;) {
		ssize_t n = send(w->fd, w->buf + sent, w->have - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		sent += (size_t)n;
	}
	return true;
}

/* receive_all reads one frame and gives CKR_OK, CKR_DEVICE_REMOVED or CKR_DEVICE_ERROR. */
static CK_RV receive_all(wire *w)
{
	long start = 0;
	size_t want = 4;
	w->have = 0;
	while (w->have < want) {
		ssize_t n = recv(w->fd, w->buf + w->have, 4 + WIRE_MAX - w->have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return CKR_DEVICE_REMOVED;
		if (n < 0)
			return CKR_DEVICE_ERROR;
		w->have += (size_t)n;
		if (w->have >= 4) {
			uint32_t length;
			memcpy(&length, w->buf, sizeof length);
			if (length < 5 || length > WIRE_MAX)
				return CKR_DEVICE_ERROR;
			want = 4 + (size_t)length;
		}
		if (w->have < want) { /* bytes may trickle in, but not for ever */
			long now = now_ms();
			if (start == 0)
				start = now;
			if (now - start > w->timeout)
				return CKR_DEVICE_ERROR;
		}
	}
	if (w->have > want || w->buf[4] != WIRE_VERSION)
		return CKR_DEVICE_ERROR;
	return CKR_OK;
}

CK_RV wire_ask(wire *w)
{
	if (w->buf == NULL || w->fd < 0)
		return CKR_DEVICE_REMOVED;
	if (w->failed) {
		explicit_bzero(w->buf, w->have);
		return CKR_DATA_LEN_RANGE;
	}
	uint32_t length = (uint32_t)(w->have - 4);
	memcpy(w->buf, &length, sizeof length);
	bool sent = send_all(w);
	bool gone = !sent && (errno == EPIPE || errno == ECONNRESET);
	explicit_bzero(w->buf, w->have); /* a PIN may be in it */
	CK_RV rv = sent ? receive_all(w) : gone ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
	if (rv != CKR_OK) {
		wire_close(w);
		return rv;
	}
	w->at = 5;
	return get_u32(w);
}

const uint8_t *get_raw(wire *w, size_t n)
{
	if (w->failed || w->buf == NULL || n > w->have - w->at) {
		w->failed = true;
		return NULL;
	}
	const uint8_t *p = w->buf + w->at;
	w->at += n;
	return p;
}

uint32_t get_u32(wire *w)
{
	uint32_t n = 0;
	const uint8_t *p = get_raw(w, sizeof n);
	if (p != NULL)
		memcpy(&n, p, sizeof n);
	return n;
}

uint64_t get_u64(wire *w)
{
	uint64_t n = 0;
	const uint8_t *p = get_raw(w, sizeof n);
	if (p != NULL)
		memcpy(&n, p, sizeof n);
	return n;
}

const uint8_t *get_bytes(wire *w, size_t *n)
{
	*n = get_u32(w);
	const uint8_t *p = get_raw(w, *n);
	if (p == NULL)
		*n = 0;
	return p;
}

CK_RV wire_done(wire *w)
{
	if (!w->failed && w->at == w->have)
		return CKR_OK;
	wire_close(w);
	return CKR_DEVICE_ERROR;
}
