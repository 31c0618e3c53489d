#include "module.h"

CK_RV C_DigestInit(CK_SESSION_HANDLE h, CK_MECHANISM *m)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_DIGEST_INIT);
	rv = put_mechanism(&s->wire, m);
	if (rv == CKR_OK)
		rv = wire_ask(&s->wire);
	if (rv == CKR_OK) {
		CK_ULONG max = get_u32(&s->wire);
		rv = wire_done(&s->wire);
		if (rv == CKR_OK) {
			s->digesting = true;
			s->digest_max = max;
		}
	}
	return session_leave(s, rv);
}

static CK_RV digest_end(session *s, CK_BYTE *out, CK_ULONG *out_len)
{
	CK_RV rv = wire_ask(&s->wire);
	s->digesting = false;
	return rv == CKR_OK ? take_output(&s->wire, out, out_len, s->digest_max) : rv;
}

CK_RV C_Digest(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)
{
	session *s;
	bool asked;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->digesting)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (out_len == NULL || bad_input(in, in_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = room(out, out_len, s->digest_max, &asked);
	if (rv != CKR_OK || asked)
		return session_leave(s, rv);
	if (long_input(in_len)) {
		rv = feed(&s->wire, OP_DIGEST_UPDATE, in, in_len);
		if (rv != CKR_OK)
			return session_leave(s, rv);
		put_begin(&s->wire, OP_DIGEST_FINAL);
	} else {
		put_begin(&s->wire, OP_DIGEST);
		put_bytes(&s->wire, in, in_len);
	}
	return session_leave(s, digest_end(s, out, out_len));
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->digesting)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	return session_leave(s, bad_input(in, in_len) ? CKR_ARGUMENTS_BAD : feed(&s->wire, OP_DIGEST_UPDATE, in, in_len));
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)
{
	session *s;
	bool asked;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (!s->digesting)
		return session_leave(s, CKR_OPERATION_NOT_INITIALIZED);
	if (out_len == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	rv = room(out, out_len, s->digest_max, &asked);
	if (rv != CKR_OK || asked)
		return session_leave(s, rv);
	put_begin(&s->wire, OP_DIGEST_FINAL);
	return session_leave(s, digest_end(s, out, out_len));
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG out_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (bad_input(out, out_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	for (CK_ULONG at = 0; rv == CKR_OK && at < out_len; at += WIRE_CHUNK) {
		CK_ULONG want = out_len - at < WIRE_CHUNK ? out_len - at : WIRE_CHUNK, got = 0;
		put_begin(&s->wire, OP_RANDOM);
		put_u32(&s->wire, (uint32_t)want);
		rv = wire_ask(&s->wire);
		if (rv == CKR_OK)
			rv = take_output(&s->wire, out + at, &got, want);
		if (rv == CKR_OK && got != want)
			rv = CKR_DEVICE_ERROR;
	}
	return session_leave(s, rv);
}
