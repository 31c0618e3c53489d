/* One connection to the token: frames out, frames in. The other side is hsm/token/frame.go and calls.go. */
#ifndef YINXIN_WIRE_H
#define YINXIN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cryptoki.h"

_Static_assert(sizeof(CK_ULONG) == 8, "frames carry CK_ULONG as 8 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");

enum { WIRE_VERSION = 1, WIRE_MAX = 64 * 1024, WIRE_CHUNK = 32 * 1024, WIRE_ID = 16, WIRE_ATTRIBUTES = 64 };

/* The ops, in the order of hsm/token/calls.go. */
enum {
	OP_HELLO = 1, OP_INFO, OP_TOKEN_INFO, OP_MECHANISMS, OP_MECHANISM_INFO, OP_INIT_TOKEN, OP_OPEN_SESSION, OP_CLOSE_SESSION, OP_SESSION_INFO,
	OP_LOGIN, OP_LOGOUT, OP_INIT_PIN, OP_SET_PIN, OP_CREATE_OBJECT, OP_DESTROY_OBJECT, OP_GET_ATTRIBUTES, OP_SET_ATTRIBUTES, OP_FIND_INIT, OP_FIND,
	OP_FIND_FINAL, OP_GENERATE_PAIR, OP_SIGN_INIT, OP_SIGN, OP_SIGN_ONCE, OP_SIGN_UPDATE, OP_SIGN_FINAL, OP_VERIFY_INIT, OP_VERIFY, OP_VERIFY_UPDATE,
	OP_VERIFY_FINAL, OP_DECRYPT_INIT, OP_DECRYPT, OP_DIGEST_INIT, OP_DIGEST, OP_DIGEST_UPDATE, OP_DIGEST_FINAL, OP_RANDOM
};

typedef struct {
	int fd;       /* -1: not connected */
	bool failed;  /* the last request did not fit, or the last answer was not one */
	long timeout; /* ms */
	size_t have;  /* bytes of the frame in buf */
	size_t at;    /* where reading is */
	uint8_t *buf; /* 4 + WIRE_MAX */
} wire;

/* wire_open connects, says hello, and gives CKR_OK, CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_ERROR (no answer) or CKR_HOST_MEMORY. timeout is in milliseconds, for each answer. */
CK_RV wire_open(wire *w, const char *path, long timeout, const uint8_t id[WIRE_ID]);
/* wire_reaches says whether somebody takes connections at path. It asks nothing. */
bool wire_reaches(const char *path, long timeout);
void wire_close(wire *w);
/* wire_alive says whether the token is still there, without asking it. */
bool wire_alive(const wire *w);

void put_begin(wire *w, uint8_t op);
void put_u32(wire *w, uint32_t n);
void put_u64(wire *w, uint64_t n);
void put_bytes(wire *w, const void *data, size_t n);

/* wire_ask sends what was put and waits for the answer, whose CK_RV it gives. A request longer than a frame is CKR_DATA_LEN_RANGE and is not sent. Where
 * the connection was lost it is closed: CKR_DEVICE_REMOVED if the token went away, CKR_DEVICE_ERROR if it did not answer in time or nonsense. */
CK_RV wire_ask(wire *w);

uint32_t get_u32(wire *w);
uint64_t get_u64(wire *w);
/* get_raw gives the address of the next n bytes in the frame, get_bytes of those behind a length; NULL where the frame ends early. */
const uint8_t *get_raw(wire *w, size_t n);
const uint8_t *get_bytes(wire *w, size_t *n);
/* wire_done gives CKR_OK if the answer was read to its end; else it closes the connection and gives CKR_DEVICE_ERROR. */
CK_RV wire_done(wire *w);

#endif
