#include "module.h"

#include <string.h>

bool bad_input(const CK_BYTE *p, CK_ULONG n) { return p == NULL && n > 0; }

CK_RV room(const CK_BYTE *out, CK_ULONG *out_len, CK_ULONG max, bool *asked)
{
	*asked = out == NULL;
	if (out != NULL && *out_len >= max)
		return CKR_OK;
	*out_len = max;
	return out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
}

CK_RV take_output(wire *w, CK_BYTE *out, CK_ULONG *out_len, CK_ULONG max)
{
	size_t n;
	const uint8_t *p = get_bytes(w, &n);
	if (p == NULL || n > max) {
		w->failed = true;
		return wire_done(w);
	}
	if (n > 0)
		memcpy(out, p, n);
	CK_RV rv = wire_done(w);
	if (rv == CKR_OK)
		*out_len = n;
	return rv;
}

CK_RV feed(wire *w, uint8_t op, const CK_BYTE *in, CK_ULONG in_len)
{
	CK_RV rv = CKR_OK;
	for (CK_ULONG at = 0; rv == CKR_OK && at < in_len; at += WIRE_CHUNK) {
		put_begin(w, op);
		put_bytes(w, in + at, in_len - at < WIRE_CHUNK ? in_len - at : WIRE_CHUNK);
		rv = ask_plain(w);
	}
	return rv;
}

bool long_input(CK_ULONG n) { return n > WIRE_CHUNK; }

CK_RV too_long(CK_RV rv) { return rv == CKR_FUNCTION_NOT_SUPPORTED ? CKR_DATA_LEN_RANGE : rv; }
