#include "module.h"

#include <string.h>

CK_RV put_mechanism(wire *w, const CK_MECHANISM *m)
{
	if (m == NULL || (m->pParameter == NULL && m->ulParameterLen > 0))
		return CKR_ARGUMENTS_BAD;
	put_u64(w, m->mechanism);
	put_bytes(w, m->pParameter, m->ulParameterLen);
	return CKR_OK;
}

/* ---- signing ---- */

static bool recall(session *s, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key)
{
	unsigned long now = current_epoch();
	if (s->epoch != now) {
		memset(s->known, 0, sizeof s->known);
		s->epoch = now;
		return false;
	}
	for (unsigned i = 0; i < KNOWN; i++)
		if (s->known[i].max != 0 && s->known[i].mechanism == mechanism && s->known[i].key == key) {
			s->sign = s->known[i];
			return true;
		}
	return false;
}

static CK_RV send_sign_init(session *s, const CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	put_begin(&s->wire, OP_SIGN_INIT);
	CK_RV rv = put_mechanism(&s->wire, m);
	put_u64(&s->wire, key);
	if (rv == CKR_OK)
		rv = wire_ask(&s->wire);
	if (rv != CKR_OK)
		return rv;
	CK_ULONG max = get_u32(&s->wire);
	bool repeatable = get_u32(&s->wire) == 1;
	rv = wire_done(&s->wire);
	if (rv != CKR_OK)
		return rv;
	s->signing = true;
	s->deferred = false;
	s->sign = (known_init){m->mechanism, key, max};
	if (repeatable && m->ulParameterLen == 0)
		s->known[s->next_known++ % KNOWN] = s->sign;
	return CKR_OK;
}

CK_RV C_SignInit(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (m == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	if (s->signing)
		return session_leave(s, CKR_OPERATION_ACTIVE);
	if (recall(s, m->mechanism, key) && m->ulParameterLen == 0) {
		s->signing = s->deferred = true;
		return session_leave(s, CKR_OK);
	}
	return session_leave(s, send_sign_init(s, m, key));
}

/* begin_now sends a C_SignInit that was deferred. */
static CK_RV begin_now(session *s)
{
	CK_MECHANISM m = {s->sign.mechanism, NULL, 0};
	if (!s->deferred)
		return CKR_OK;
	s->signing = s->deferred = false;
	return send_sign_init(s, &m, s->sign.key);
}

static CK_RV sign_frame(session *s, const CK_BYTE *in, CK_ULONG in_len)
{
	if (long_input(in_len)) {
		CK_RV rv = begin_now(s);
		if (rv == CKR_OK)
			rv = feed(&s->wire, OP_SIGN_UPDATE, in, in_len);
		s->signing = false;
		if (rv != CKR_OK)
			return too_long(rv);
		put_begin(&s->wire, OP_SIGN_FINAL);
		return wire_ask(&s->wire);
	}
	if (s->deferred) {
		put_begin(&s->wire, OP_SIGN_ONCE);
		put_u64(&s->wire, s->sign.mechanism);
		put_bytes(&s->wire, NULL, 0);
		put_u64(&s->wire, s->sign.key);
	} else {
		put_begin(&s->wire, OP_SIGN);
	}
	put_bytes(&s->wire, in, in_len);
	s->signing = s->deferred = false;
	return wire_ask(&s->wire);
}

CK_RV C_Sign(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)
{
	session *s;
	bool asked;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->signing)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (out_len == NULL || bad_input(in, in_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = room(out, out_len, s->sign.max, &asked);
	if (rv != CKR_OK || asked)
		return session_leave(s, rv);
	rv = sign_frame(s, in, in_len);
	if (rv == CKR_OK)
		rv = take_output(&s->wire, out, out_len, s->sign.max);
	else
		s->epoch = 0; /* what was known of keys may have changed */
	return session_leave(s, rv);
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->signing)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (bad_input(in, in_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = begin_now(s);
	if (rv == CKR_OK)
		rv = feed(&s->wire, OP_SIGN_UPDATE, in, in_len);
	if (rv != CKR_OK)
		s->signing = false;
	return session_leave(s, rv);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)
{
	session *s;
	bool asked;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->signing)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (out_len == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = room(out, out_len, s->sign.max, &asked);
	if (rv != CKR_OK || asked)
		return session_leave(s, rv);
	rv = begin_now(s);
	if (rv == CKR_OK) {
		put_begin(&s->wire, OP_SIGN_FINAL);
		rv = wire_ask(&s->wire);
	}
	s->signing = false;
	if (rv == CKR_OK)
		rv = take_output(&s->wire, out, out_len, s->sign.max);
	return session_leave(s, rv);
}

/* ---- verifying: the token keeps the state ---- */

CK_RV C_VerifyInit(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_VERIFY_INIT);
	rv = put_mechanism(&s->wire, m);
	put_u64(&s->wire, key);
	return session_leave(s, rv == CKR_OK ? ask_plain(&s->wire) : rv);
}

CK_RV C_Verify(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *sig, CK_ULONG sig_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (bad_input(in, in_len) || bad_input(sig, sig_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	if (long_input(in_len)) {
		rv = feed(&s->wire, OP_VERIFY_UPDATE, in, in_len);
		if (rv != CKR_OK)
			return session_leave(s, too_long(rv));
		put_begin(&s->wire, OP_VERIFY_FINAL);
	} else {
		put_begin(&s->wire, OP_VERIFY);
		put_bytes(&s->wire, in, in_len);
	}
	put_bytes(&s->wire, sig, sig_len);
	return session_leave(s, ask_plain(&s->wire));
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	return session_leave(s, bad_input(in, in_len) ? CKR_ARGUMENTS_BAD : feed(&s->wire, OP_VERIFY_UPDATE, in, in_len));
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE h, CK_BYTE *sig, CK_ULONG sig_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (bad_input(sig, sig_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_VERIFY_FINAL);
	put_bytes(&s->wire, sig, sig_len);
	return session_leave(s, ask_plain(&s->wire));
}

/* ---- decrypting ---- */

CK_RV C_DecryptInit(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_DECRYPT_INIT);
	rv = put_mechanism(&s->wire, m);
	put_u64(&s->wire, key);
	if (rv == CKR_OK)
		rv = ask_plain(&s->wire);
	if (rv == CKR_OK)
		s->decrypting = true;
	return session_leave(s, rv);
}

CK_RV C_Decrypt(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)
{
	session *s;
	bool asked;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->decrypting)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (out_len == NULL || bad_input(in, in_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = room(out, out_len, in_len, &asked); /* what is inside is shorter */
	if (rv != CKR_OK || asked)
		return session_leave(s, rv);
	put_begin(&s->wire, OP_DECRYPT);
	put_bytes(&s->wire, in, in_len);
	s->decrypting = s->wire.failed; /* too long for a frame: not sent */
	rv = wire_ask(&s->wire);
	if (rv == CKR_OK)
		rv = take_output(&s->wire, out, out_len, in_len);
	return session_leave(s, rv);
}
