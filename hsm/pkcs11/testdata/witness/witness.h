/* The page through which the tests speak to the witness while it runs: the file MODULE.ctl beside the module, mapped by both sides. The Go side has
 * the same layout in witness_test.go. */
#ifndef WITNESS_H
#define WITNESS_H

#include <stdint.h>

struct control {
	/* What it poses as. */
	char manufacturer[32], library[32], label[32], serial[16], pin[32];
	uint32_t key_type, key_gen, sign_digest, encoding /* 0 r||s, 1 DER, 2 DER without padding */;
	uint32_t point /* 0 OCTET STRING, 1 04||X||Y, 2 X||Y */, point_on_private, max_sessions;

	/* Faults. What counts down is how often it happens. */
	uint32_t hang;           /* C_Sign does not return while it is set */
	uint32_t removed;        /* every call on the token answers CKR_DEVICE_REMOVED while it is set */
	uint32_t sessions_lost;  /* changed: every open session is gone */
	uint32_t login_lost;     /* changed: the sessions live, the login is gone */
	uint32_t sign_error;     /* what C_Sign answers ... */
	uint32_t sign_errors;    /* ... so many times */
	uint32_t wrong_answers;  /* signatures of another digest */
	uint32_t replace_keys;   /* changed: every key is another one, under the same names and handles */
	uint32_t delete_keys;    /* changed: every key is gone */
	uint32_t twin;           /* a second token with the same label */
	uint32_t extractable;    /* keys are extractable while it is set, whatever the template says */
	uint32_t pin_tries;      /* left before the PIN is locked */
	uint32_t init_needed;    /* changed: everything fails until C_Finalize and C_Initialize */
	uint32_t always_authenticate;

	/* What it saw. */
	uint32_t signs, logins, wrong_logins, initializes, sessions, generated;
};

#endif
