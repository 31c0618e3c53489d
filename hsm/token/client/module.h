/* What the files of the module share: the slots, the sessions, and how a function enters and leaves them. */
#ifndef YINXIN_MODULE_H
#define YINXIN_MODULE_H

#include <pthread.h>

#include "wire.h"

enum { MAX_SLOTS = 16, MAX_SESSIONS = 256, MAX_PATH = 108, KNOWN = 16 };

/* A C_SignInit that the token took: the next one of the same words is not sent, C_Sign carries them (OP_SIGN_ONCE). */
typedef struct {
	CK_MECHANISM_TYPE mechanism;
	CK_OBJECT_HANDLE key;
	CK_ULONG max;
} known_init;

typedef struct {
	pthread_mutex_t lock;
	CK_SESSION_HANDLE handle; /* 0: this place is free */
	CK_SLOT_ID slot;
	wire wire;

	bool signing;          /* C_SignInit was called */
	bool deferred;         /* and was not sent */
	known_init sign;       /* with these words */
	known_init known[KNOWN];
	unsigned next_known;
	unsigned long epoch;   /* of known */
	bool digesting;
	CK_ULONG digest_max;
	bool decrypting;
} session;

typedef struct {
	char path[MAX_PATH];
	pthread_mutex_t lock;
	wire wire; /* for what needs no session */
} token_slot;

typedef struct {
	unsigned count;
	long timeout; /* ms */
	uint8_t id[WIRE_ID];
	token_slot slots[MAX_SLOTS];
} module_state;

extern module_state module;

/* ready gives CKR_CRYPTOKI_NOT_INITIALIZED before C_Initialize, after C_Finalize, and in a child process until it calls C_Initialize itself. */
CK_RV ready(void);

/* session_enter gives the locked session of a handle; session_leave unlocks it, and forgets it where its connection was lost. */
CK_RV session_enter(CK_SESSION_HANDLE h, session **s);
CK_RV session_leave(session *s, CK_RV rv);
void sessions_reset(void);
/* sessions_close ends the sessions of one slot, or of all with slot = MAX_SLOTS, and tells the token so or lets it find out. */
void sessions_close(CK_SLOT_ID slot, bool tell);

/* slot_enter gives the locked slot, connected; CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_PRESENT. */
CK_RV slot_enter(CK_SLOT_ID id, token_slot **sl);
CK_RV slot_leave(token_slot *sl, CK_RV rv);

/* forget_inits makes every session ask the token again at the next C_SignInit. */
void forget_inits(void);
unsigned long current_epoch(void);

/* put_template writes attributes. CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_TYPE_INVALID. */
CK_RV put_template(wire *w, const CK_ATTRIBUTE *t, CK_ULONG n);
CK_RV put_mechanism(wire *w, const CK_MECHANISM *m);

/* ask_plain asks for what is answered by a CK_RV alone. */
CK_RV ask_plain(wire *w);

/* For buffers of the caller's. bad_input: there are bytes but no address. */
bool bad_input(const CK_BYTE *p, CK_ULONG n);
/* room answers a question for the length, or refuses a buffer in which not every answer has room; CKR_OK and not asked: go on. The operation stays. */
CK_RV room(const CK_BYTE *out, CK_ULONG *out_len, CK_ULONG max, bool *asked);
/* take_output copies the answer into a buffer of at least max bytes. */
CK_RV take_output(wire *w, CK_BYTE *out, CK_ULONG *out_len, CK_ULONG max);
/* feed sends data in parts. long_input: what is longer than one goes in parts where the mechanism hashes; where it does not it is too_long. */
CK_RV feed(wire *w, uint8_t op, const CK_BYTE *in, CK_ULONG in_len);
bool long_input(CK_ULONG n);
CK_RV too_long(CK_RV rv);

void config_read(module_state *m);

#endif
