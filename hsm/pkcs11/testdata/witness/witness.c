/* A PKCS#11 module for tests: SM2 by OpenSSL 3, so by another implementation than the one under test, with the numbers of any vendor and with faults
 * on demand. Keys live in memory. Nothing here is safe for real keys. */
#define _GNU_SOURCE
#include "witness.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pkcs11go.h"

enum { MAX_SESSIONS = 256, MAX_KEYS = 64, FIRST_SLOT = 7 };

struct pair {
	int used, extractable;
	CK_ULONG private_handle, public_handle;
	unsigned char label[64], id[64], point[65];
	CK_ULONG label_len, id_len;
	EVP_PKEY *key;
};

struct session {
	CK_SESSION_HANDLE handle;
	int open, rw, signing, authorised, finding;
	struct pair *key;
	CK_OBJECT_HANDLE found[2 * MAX_KEYS];
	int found_count, found_at;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct control *control;
static struct pair pairs[MAX_KEYS];
static struct session sessions[MAX_SESSIONS];
static CK_ULONG next_handle = 100;
static int initialized, logged_in;
static uint32_t seen_lost, seen_login, seen_replace, seen_delete, seen_init;
static const unsigned char oid_sm2[] = {0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d};

#define COUNT(field) __atomic_add_fetch(&control->field, 1, __ATOMIC_SEQ_CST)
#define GET(field) __atomic_load_n(&control->field, __ATOMIC_SEQ_CST)

/* take reports whether a fault is due, and counts it down. */
static int take(uint32_t *times) {
	uint32_t n = __atomic_load_n(times, __ATOMIC_SEQ_CST);
	while (n > 0)
		if (__atomic_compare_exchange_n(times, &n, n - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 1;
	return 0;
}

static int changed(uint32_t *now, uint32_t *seen) {
	uint32_t n = __atomic_load_n(now, __ATOMIC_SEQ_CST);
	if (n == *seen) return 0;
	*seen = n;
	return 1;
}

static int map_control(void) {
	Dl_info info;
	char path[4096];
	if (control) return 1;
	if (!dladdr((void *)map_control, &info) || snprintf(path, sizeof path, "%s.ctl", info.dli_fname) >= (int)sizeof path) return 0;
	int fd = open(path, O_RDWR);
	if (fd < 0) return 0;
	void *page = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED) return 0;
	control = page;
	return 1;
}

static int new_key(struct pair *p) {
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
	EVP_PKEY *key = NULL;
	size_t n = 0;
	int ok = ctx && EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_keygen(ctx, &key) > 0 &&
		 EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, p->point, sizeof p->point, &n) > 0 && n == sizeof p->point;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(p->key);
	p->key = ok ? key : NULL;
	return ok;
}

/* happen makes faults that have been ordered since the last call. It runs under the lock. */
static void happen(void) {
	if (changed(&control->sessions_lost, &seen_lost)) {
		for (int i = 0; i < MAX_SESSIONS; i++) sessions[i].open = 0;
		logged_in = 0;
	}
	if (changed(&control->login_lost, &seen_login)) logged_in = 0;
	if (changed(&control->replace_keys, &seen_replace))
		for (int i = 0; i < MAX_KEYS; i++)
			if (pairs[i].used) new_key(&pairs[i]);
	if (changed(&control->delete_keys, &seen_delete))
		for (int i = 0; i < MAX_KEYS; i++) pairs[i].used = 0;
	if (changed(&control->init_needed, &seen_init)) initialized = 0;
}

/* enter takes the lock; CALL does so and returns what is wrong with the module or the token. */
static CK_RV enter(void) {
	pthread_mutex_lock(&lock);
	if (control) happen();
	if (!initialized) return CKR_CRYPTOKI_NOT_INITIALIZED;
	return GET(removed) ? CKR_DEVICE_REMOVED : CKR_OK;
}

static CK_RV leave(CK_RV rv) {
	pthread_mutex_unlock(&lock);
	return rv;
}

#define CALL()                        \
	do {                              \
		CK_RV rv_ = enter();          \
		if (rv_ != CKR_OK) return leave(rv_); \
	} while (0)

static struct session *session_of(CK_SESSION_HANDLE h) {
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].open && sessions[i].handle == h) return &sessions[i];
	return NULL;
}

#define SESSION(s, h)                 \
	CALL();                           \
	struct session *s = session_of(h); \
	if (!s) return leave(CKR_SESSION_HANDLE_INVALID)

static CK_RV C_Initialize_(CK_VOID_PTR args) {
	(void)args;
	pthread_mutex_lock(&lock);
	if (!map_control()) return leave(CKR_GENERAL_ERROR);
	happen();
	if (initialized) return leave(CKR_CRYPTOKI_ALREADY_INITIALIZED);
	initialized = 1;
	COUNT(initializes);
	return leave(CKR_OK);
}

static CK_RV C_Finalize_(CK_VOID_PTR reserved) {
	(void)reserved;
	pthread_mutex_lock(&lock);
	if (!initialized) return leave(CKR_CRYPTOKI_NOT_INITIALIZED);
	for (int i = 0; i < MAX_SESSIONS; i++) sessions[i].open = 0;
	logged_in = initialized = 0;
	return leave(CKR_OK);
}

static void pad(unsigned char *to, size_t n, const char *from, size_t max) {
	memset(to, ' ', n);
	memcpy(to, from, strnlen(from, max < n ? max : n));
}

static CK_RV C_GetInfo_(CK_INFO_PTR info) {
	pthread_mutex_lock(&lock);
	memset(info, 0, sizeof *info);
	info->cryptokiVersion.major = 2;
	info->cryptokiVersion.minor = 40;
	pad(info->manufacturerID, 32, control->manufacturer, 32);
	pad(info->libraryDescription, 32, control->library, 32);
	info->libraryVersion.major = 7;
	return leave(CKR_OK);
}

static CK_RV C_GetSlotList_(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) {
	(void)present;
	pthread_mutex_lock(&lock);
	happen();
	if (!initialized) return leave(CKR_CRYPTOKI_NOT_INITIALIZED);
	CK_ULONG n = GET(removed) ? 0 : GET(twin) ? 2 : 1;
	if (list) {
		if (*count < n) return leave(CKR_BUFFER_TOO_SMALL);
		for (CK_ULONG i = 0; i < n; i++) list[i] = FIRST_SLOT + i;
	}
	*count = n;
	return leave(CKR_OK);
}

static CK_RV C_GetSlotInfo_(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
	CALL();
	(void)slot;
	memset(info, ' ', sizeof *info);
	info->flags = CKF_TOKEN_PRESENT;
	return leave(CKR_OK);
}

static CK_RV C_GetTokenInfo_(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
	CALL();
	memset(info, 0, sizeof *info);
	pad(info->label, 32, control->label, 32);
	pad(info->manufacturerID, 32, control->manufacturer, 32);
	pad(info->model, 16, "witness", 16);
	if (slot == FIRST_SLOT) pad(info->serialNumber, 16, control->serial, 16);
	else pad(info->serialNumber, 16, "twin", 16);
	uint32_t tries = GET(pin_tries);
	info->flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | CKF_TOKEN_INITIALIZED;
	if (tries < 3) info->flags |= CKF_USER_PIN_COUNT_LOW;
	if (tries == 1) info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (tries == 0) info->flags |= CKF_USER_PIN_LOCKED;
	info->ulMaxSessionCount = GET(max_sessions) ? GET(max_sessions) : CK_EFFECTIVELY_INFINITE;
	info->ulMaxRwSessionCount = info->ulMaxSessionCount;
	info->ulMinPinLen = 4;
	info->ulMaxPinLen = 31;
	return leave(CKR_OK);
}

static CK_RV C_GetMechanismList_(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
	CALL();
	(void)slot;
	if (list) {
		if (*count < 2) return leave(CKR_BUFFER_TOO_SMALL);
		list[0] = GET(key_gen);
		list[1] = GET(sign_digest);
	}
	*count = 2;
	return leave(CKR_OK);
}

static CK_RV C_OpenSession_(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR h) {
	(void)app, (void)notify;
	CALL();
	if (slot != FIRST_SLOT) return leave(CKR_SLOT_ID_INVALID);
	CK_ULONG open = 0;
	struct session *free_one = NULL;
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].open) open++;
		else if (!free_one) free_one = &sessions[i];
	if (!free_one || (GET(max_sessions) && open >= GET(max_sessions))) return leave(CKR_SESSION_COUNT);
	memset(free_one, 0, sizeof *free_one);
	free_one->open = 1;
	free_one->rw = (flags & CKF_RW_SESSION) != 0;
	*h = free_one->handle = ++next_handle;
	COUNT(sessions);
	return leave(CKR_OK);
}

/* The last session takes the login with it, as the standard says. */
static void drop_login(void) {
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].open) return;
	logged_in = 0;
}

static CK_RV C_CloseSession_(CK_SESSION_HANDLE h) {
	SESSION(s, h);
	s->open = 0;
	drop_login();
	return leave(CKR_OK);
}

static CK_RV C_GetSessionInfo_(CK_SESSION_HANDLE h, CK_SESSION_INFO_PTR info) {
	SESSION(s, h);
	memset(info, 0, sizeof *info);
	info->slotID = FIRST_SLOT;
	info->flags = CKF_SERIAL_SESSION | (s->rw ? CKF_RW_SESSION : 0);
	info->state = s->rw ? (logged_in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION) : (logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION);
	return leave(CKR_OK);
}

static CK_RV C_Login_(CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len) {
	SESSION(s, h);
	int good = len == strnlen(control->pin, 32) && memcmp(pin, control->pin, len) == 0;
	if (user == CKU_CONTEXT_SPECIFIC) {
		if (!s->signing) return leave(CKR_OPERATION_NOT_INITIALIZED);
		s->authorised = good;
		return leave(good ? CKR_OK : CKR_PIN_INCORRECT);
	}
	COUNT(logins);
	if (logged_in) return leave(CKR_USER_ALREADY_LOGGED_IN);
	if (GET(pin_tries) == 0) return leave(CKR_PIN_LOCKED);
	if (!good) {
		COUNT(wrong_logins);
		take(&control->pin_tries);
		return leave(CKR_PIN_INCORRECT);
	}
	logged_in = 1;
	return leave(CKR_OK);
}

#include "objects.c"

/* Sign. */

static CK_RV C_SignInit_(CK_SESSION_HANDLE h, CK_MECHANISM_PTR m, CK_OBJECT_HANDLE o) {
	SESSION(s, h);
	int is_private;
	struct pair *p = pair_of(o, &is_private);
	if (s->signing) return leave(CKR_OPERATION_ACTIVE);
	if (!logged_in) return leave(CKR_USER_NOT_LOGGED_IN);
	if (!p || !is_private) return leave(CKR_KEY_HANDLE_INVALID);
	if (m->mechanism != GET(sign_digest)) return leave(CKR_MECHANISM_INVALID);
	s->signing = 1;
	s->authorised = 0;
	s->key = p;
	return leave(CKR_OK);
}

/* integer copies one INTEGER of a DER signature, as 32 bytes or without the zero that keeps it positive. */
static const unsigned char *integer(const unsigned char *der, unsigned char *fixed) {
	int n = der[1];
	const unsigned char *v = der + 2;
	memset(fixed, 0, 32);
	if (n > 32) v += n - 32, n = 32;
	memcpy(fixed + 32 - n, v, n);
	return v + n;
}

static CK_ULONG unpadded(unsigned char *out, const unsigned char *fixed) {
	int skip = 0;
	while (skip < 31 && fixed[skip] == 0) skip++;
	out[0] = 2;
	out[1] = 32 - skip;
	memcpy(out + 2, fixed + skip, 32 - skip);
	return 34 - skip;
}

static CK_RV sign(struct session *s, const unsigned char *e, unsigned char *out, CK_ULONG_PTR len) {
	unsigned char der[128], r[32], v[32], other[32];
	size_t n = sizeof der;
	if (take(&control->wrong_answers)) {
		memcpy(other, e, 32);
		other[0] ^= 1;
		e = other;
	}
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, s->key->key, NULL);
	int ok = ctx && EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_sign(ctx, der, &n, e, 32) > 0;
	EVP_PKEY_CTX_free(ctx);
	if (!ok) return CKR_FUNCTION_FAILED;
	integer(integer(der + 2, r), v);
	switch (GET(encoding)) {
	case 0:
		memcpy(out, r, 32);
		memcpy(out + 32, v, 32);
		*len = 64;
		break;
	case 1:
		memcpy(out, der, n);
		*len = n;
		break;
	default:
		out[0] = 0x30;
		out[1] = unpadded(out + 2, r);
		out[1] += unpadded(out + 2 + out[1], v);
		*len = 2 + out[1];
	}
	return CKR_OK;
}

static CK_RV C_Sign_(CK_SESSION_HANDLE h, CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR sig, CK_ULONG_PTR sig_len) {
	SESSION(s, h);
	if (!s->signing) return leave(CKR_OPERATION_NOT_INITIALIZED);
	if (!sig || *sig_len < 72) {
		CK_RV rv = sig ? CKR_BUFFER_TOO_SMALL : CKR_OK;
		*sig_len = 72;
		return leave(rv);
	}
	s->signing = 0;
	COUNT(signs);
	if (GET(hang)) {
		pthread_mutex_unlock(&lock);
		while (GET(hang)) usleep(500);
		pthread_mutex_lock(&lock);
		return leave(CKR_DEVICE_ERROR);
	}
	if (take(&control->sign_errors)) return leave(GET(sign_error));
	if (GET(always_authenticate) && !s->authorised) return leave(CKR_USER_NOT_LOGGED_IN);
	if (data_len != 32) return leave(CKR_DATA_LEN_RANGE);
	if (!s->key->used) return leave(CKR_KEY_HANDLE_INVALID);
	return leave(sign(s, data, sig, sig_len));
}

#include "functions.c"
