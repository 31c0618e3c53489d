/* Objects of the witness: included by witness.c. */

static struct pair *pair_of(CK_OBJECT_HANDLE o, int *is_private) {
	for (int i = 0; i < MAX_KEYS; i++)
		if (pairs[i].used && (pairs[i].private_handle == o || pairs[i].public_handle == o)) {
			*is_private = pairs[i].private_handle == o;
			return &pairs[i];
		}
	return NULL;
}

static int extractable(struct pair *p) { return p->extractable || GET(extractable); }

/* value writes an attribute and returns its length, or -1 where the object has none. */
static long value(struct pair *p, int is_private, CK_ATTRIBUTE_TYPE type, unsigned char *out) {
	CK_ULONG number;
	int flag = -1;
	switch (type) {
	case CKA_CLASS: number = is_private ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY; goto ulong;
	case CKA_KEY_TYPE: number = GET(key_type); goto ulong;
	case CKA_LABEL: memcpy(out, p->label, p->label_len); return p->label_len;
	case CKA_ID: memcpy(out, p->id, p->id_len); return p->id_len;
	case CKA_EC_PARAMS: memcpy(out, oid_sm2, sizeof oid_sm2); return sizeof oid_sm2;
	case CKA_EC_POINT:
		if (is_private && !GET(point_on_private)) return -1;
		switch (GET(point)) {
		case 0: out[0] = 4; out[1] = 65; memcpy(out + 2, p->point, 65); return 67;
		case 1: memcpy(out, p->point, 65); return 65;
		default: memcpy(out, p->point + 1, 64); return 64;
		}
	case CKA_TOKEN: flag = 1; break;
	case CKA_LOCAL: flag = 1; break;
	case CKA_PRIVATE: flag = is_private; break;
	case CKA_VERIFY: flag = !is_private; break;
	case CKA_SENSITIVE: case CKA_SIGN: case CKA_ALWAYS_SENSITIVE: flag = is_private ? 1 : -1; break;
	case CKA_EXTRACTABLE: flag = is_private ? extractable(p) : -1; break;
	case CKA_NEVER_EXTRACTABLE: flag = is_private ? !extractable(p) : -1; break;
	case CKA_DECRYPT: case CKA_UNWRAP: case CKA_DERIVE: flag = is_private ? 0 : -1; break;
	case CKA_ALWAYS_AUTHENTICATE: flag = is_private ? GET(always_authenticate) != 0 : -1; break;
	}
	if (flag < 0) return -1;
	out[0] = flag;
	return 1;
ulong:
	memcpy(out, &number, sizeof number);
	return sizeof number;
}

static CK_RV C_GetAttributeValue_(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o, CK_ATTRIBUTE_PTR list, CK_ULONG n) {
	SESSION(s, h);
	(void)s;
	int is_private;
	unsigned char buffer[256];
	struct pair *p = pair_of(o, &is_private);
	CK_RV rv = CKR_OK;
	if (!p || (is_private && !logged_in)) return leave(CKR_OBJECT_HANDLE_INVALID);
	for (CK_ULONG i = 0; i < n; i++) {
		long len = value(p, is_private, list[i].type, buffer);
		if (len < 0) {
			list[i].ulValueLen = (CK_ULONG)-1;
			rv = CKR_ATTRIBUTE_TYPE_INVALID;
			continue;
		}
		if (list[i].pValue) {
			if (list[i].ulValueLen < (CK_ULONG)len) return leave(CKR_BUFFER_TOO_SMALL);
			memcpy(list[i].pValue, buffer, len);
		}
		list[i].ulValueLen = len;
	}
	return leave(rv);
}

static int matches(struct pair *p, int is_private, CK_ATTRIBUTE_PTR list, CK_ULONG n) {
	unsigned char buffer[256];
	for (CK_ULONG i = 0; i < n; i++) {
		long len = value(p, is_private, list[i].type, buffer);
		if (len < 0 || (CK_ULONG)len != list[i].ulValueLen || memcmp(buffer, list[i].pValue, len) != 0) return 0;
	}
	return 1;
}

static CK_RV C_FindObjectsInit_(CK_SESSION_HANDLE h, CK_ATTRIBUTE_PTR list, CK_ULONG n) {
	SESSION(s, h);
	if (s->finding) return leave(CKR_OPERATION_ACTIVE);
	s->finding = 1;
	s->found_count = s->found_at = 0;
	for (int i = 0; i < MAX_KEYS; i++) {
		if (!pairs[i].used) continue;
		if (logged_in && matches(&pairs[i], 1, list, n)) s->found[s->found_count++] = pairs[i].private_handle;
		if (matches(&pairs[i], 0, list, n)) s->found[s->found_count++] = pairs[i].public_handle;
	}
	return leave(CKR_OK);
}

static CK_RV C_FindObjects_(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE_PTR list, CK_ULONG max, CK_ULONG_PTR count) {
	SESSION(s, h);
	if (!s->finding) return leave(CKR_OPERATION_NOT_INITIALIZED);
	for (*count = 0; *count < max && s->found_at < s->found_count; (*count)++) list[*count] = s->found[s->found_at++];
	return leave(CKR_OK);
}

static CK_RV C_FindObjectsFinal_(CK_SESSION_HANDLE h) {
	SESSION(s, h);
	s->finding = 0;
	return leave(CKR_OK);
}

static CK_ULONG copy(CK_ATTRIBUTE_PTR list, CK_ULONG n, CK_ATTRIBUTE_TYPE type, unsigned char *to, CK_ULONG max) {
	for (CK_ULONG i = 0; i < n; i++)
		if (list[i].type == type && list[i].ulValueLen <= max) {
			memcpy(to, list[i].pValue, list[i].ulValueLen);
			return list[i].ulValueLen;
		}
	return 0;
}

static CK_RV C_GenerateKeyPair_(CK_SESSION_HANDLE h, CK_MECHANISM_PTR m, CK_ATTRIBUTE_PTR pub, CK_ULONG pub_n, CK_ATTRIBUTE_PTR priv, CK_ULONG priv_n,
				CK_OBJECT_HANDLE_PTR pub_h, CK_OBJECT_HANDLE_PTR priv_h) {
	SESSION(s, h);
	(void)pub, (void)pub_n;
	if (!logged_in) return leave(CKR_USER_NOT_LOGGED_IN);
	if (!s->rw) return leave(CKR_SESSION_READ_ONLY);
	if (m->mechanism != GET(key_gen)) return leave(CKR_MECHANISM_INVALID);
	for (int i = 0; i < MAX_KEYS; i++) {
		struct pair *p = &pairs[i];
		if (p->used) continue;
		unsigned char yes = 0;
		if (!new_key(p)) return leave(CKR_FUNCTION_FAILED);
		copy(priv, priv_n, CKA_EXTRACTABLE, &yes, 1);
		p->used = 1;
		p->extractable = yes;
		p->label_len = copy(priv, priv_n, CKA_LABEL, p->label, sizeof p->label);
		p->id_len = copy(priv, priv_n, CKA_ID, p->id, sizeof p->id);
		*pub_h = p->public_handle = ++next_handle;
		*priv_h = p->private_handle = ++next_handle;
		COUNT(generated);
		return leave(CKR_OK);
	}
	return leave(CKR_DEVICE_MEMORY);
}

/* Destroying either half destroys the pair. */
static CK_RV C_DestroyObject_(CK_SESSION_HANDLE h, CK_OBJECT_HANDLE o) {
	SESSION(s, h);
	int is_private;
	struct pair *p = pair_of(o, &is_private);
	if (!s->rw) return leave(CKR_SESSION_READ_ONLY);
	if (!p) return leave(CKR_OK);
	p->used = 0;
	return leave(CKR_OK);
}
