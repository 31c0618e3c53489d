#include "module.h"

#include <string.h>

CK_RV put_template(wire *w, const CK_ATTRIBUTE *t, CK_ULONG n)
{
	if ((t == NULL && n > 0) || n > WIRE_ATTRIBUTES)
		return CKR_ARGUMENTS_BAD;
	put_u32(w, (uint32_t)n);
	for (CK_ULONG i = 0; i < n; i++) {
		if (t[i].pValue == NULL && t[i].ulValueLen > 0)
			return CKR_ARGUMENTS_BAD;
		if ((t[i].type & CKF_ARRAY_ATTRIBUTE) && t[i].type != CKA_ALLOWED_MECHANISMS)
			return CKR_ATTRIBUTE_TYPE_INVALID; /* its value holds addresses */
		put_u64(w, t[i].type);
		put_bytes(w, t[i].pValue, t[i].ulValueLen);
	}
	return CKR_OK;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *object)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (object == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_CREATE_OBJECT);
	rv = put_template(&s->wire, t, n);
	if (rv == CKR_OK)
		rv = wire_ask(&s->wire);
	if (rv == CKR_OK) {
		CK_OBJECT_HANDLE made = get_u64(&s->wire);
		rv = wire_done(&s->wire);
		if (rv == CKR_OK)
			*object = made;
	}
	return session_leave(s, rv);
}

CK_RV C_DestroyObject(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	forget_inits();
	put_begin(&s->wire, OP_DESTROY_OBJECT);
	put_u64(&s->wire, object);
	return session_leave(s, ask_plain(&s->wire));
}

/* take_attributes reads the answer into a template. Lengths are the token's word; nothing is written beyond the room that the caller states. */
static CK_RV take_attributes(wire *w, CK_ATTRIBUTE *t, CK_ULONG n, CK_RV rv)
{
	for (CK_ULONG i = 0; i < n; i++) {
		uint32_t length = get_u32(w);
		if (length == UINT32_MAX) {
			t[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
			continue;
		}
		const uint8_t *value = get_raw(w, length);
		if (value == NULL)
			break;
		if (t[i].pValue == NULL) {
			t[i].ulValueLen = length;
		} else if (t[i].ulValueLen < length) {
			t[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
			if (rv == CKR_OK)
				rv = CKR_BUFFER_TOO_SMALL;
		} else {
			if (length > 0)
				memcpy(t[i].pValue, value, length);
			t[i].ulValueLen = length;
		}
	}
	CK_RV whole = wire_done(w);
	return whole == CKR_OK ? rv : whole;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t, CK_ULONG n)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (t == NULL || n == 0 || n > WIRE_ATTRIBUTES)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_GET_ATTRIBUTES);
	put_u64(&s->wire, object);
	put_u32(&s->wire, (uint32_t)n);
	for (CK_ULONG i = 0; i < n; i++)
		put_u64(&s->wire, t[i].type);
	rv = wire_ask(&s->wire);
	if (rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID)
		rv = take_attributes(&s->wire, t, n, rv);
	return session_leave(s, rv);
}

CK_RV C_SetAttributeValue(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t, CK_ULONG n)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_SET_ATTRIBUTES);
	put_u64(&s->wire, object);
	rv = put_template(&s->wire, t, n);
	return session_leave(s, rv == CKR_OK ? ask_plain(&s->wire) : rv);
}

CK_RV C_FindObjectsInit(CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG n)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_FIND_INIT);
	rv = put_template(&s->wire, t, n);
	return session_leave(s, rv == CKR_OK ? ask_plain(&s->wire) : rv);
}

CK_RV C_FindObjects(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (count == NULL || (objects == NULL && max > 0))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_FIND);
	put_u32(&s->wire, max > UINT32_MAX ? UINT32_MAX : (uint32_t)max);
	rv = wire_ask(&s->wire);
	if (rv == CKR_OK) {
		CK_ULONG n = get_u32(&s->wire);
		if (n > max)
			s->wire.failed = true;
		for (CK_ULONG i = 0; i < n && !s->wire.failed; i++)
			objects[i] = get_u64(&s->wire);
		rv = wire_done(&s->wire);
		if (rv == CKR_OK)
			*count = n;
	}
	return session_leave(s, rv);
}

CK_RV C_FindObjectsFinal(CK_SESSION_HANDLE h)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	put_begin(&s->wire, OP_FIND_FINAL);
	return session_leave(s, ask_plain(&s->wire));
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_ATTRIBUTE *pub, CK_ULONG n_pub, CK_ATTRIBUTE *priv, CK_ULONG n_priv,
	CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (public_key == NULL || private_key == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_GENERATE_PAIR);
	rv = put_mechanism(&s->wire, m);
	if (rv == CKR_OK)
		rv = put_template(&s->wire, pub, n_pub);
	if (rv == CKR_OK)
		rv = put_template(&s->wire, priv, n_priv);
	if (rv == CKR_OK)
		rv = wire_ask(&s->wire);
	if (rv == CKR_OK) {
		CK_OBJECT_HANDLE made[2] = {get_u64(&s->wire), 0};
		made[1] = get_u64(&s->wire);
		rv = wire_done(&s->wire);
		if (rv == CKR_OK) {
			*public_key = made[0];
			*private_key = made[1];
		}
	}
	return session_leave(s, rv);
}
