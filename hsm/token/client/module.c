#define _GNU_SOURCE
#include "module.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The PKCS#11 module of the Yinxin software token. It computes nothing: every call is a frame to the token (yinxin token serve) and its answer. */

module_state module;
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
static _Atomic pid_t owner; /* the process that called C_Initialize; 0: none */

CK_RV ready(void) { return atomic_load(&owner) == getpid() ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED; }

/* pad writes text into a field of n bytes, blanks behind it. */
static void pad(CK_UTF8CHAR *field, size_t n, const void *text, size_t len)
{
	memset(field, ' ', n);
	if (len > 0)
		memcpy(field, text, len < n ? len : n);
}

static void pad_text(CK_UTF8CHAR *field, size_t n, const char *text) { pad(field, n, text, strlen(text)); }

static CK_RV arguments(const CK_C_INITIALIZE_ARGS *a)
{
	if (a == NULL)
		return CKR_OK;
	int given = (a->CreateMutex != NULL) + (a->DestroyMutex != NULL) + (a->LockMutex != NULL) + (a->UnlockMutex != NULL);
	if (a->pReserved != NULL || (given != 0 && given != 4))
		return CKR_ARGUMENTS_BAD;
	return given == 4 && !(a->flags & CKF_OS_LOCKING_OK) ? CKR_CANT_LOCK : CKR_OK;
}

/* start makes the state anew. After a fork the child holds copies of the parent's connections, which are closed here. */
static CK_RV start(void)
{
	static bool before;
	if (before)
		for (unsigned i = 0; i < MAX_SLOTS; i++)
			wire_close(&module.slots[i].wire);
	before = true;
	memset(&module, 0, sizeof module);
	for (unsigned i = 0; i < MAX_SLOTS; i++) {
		module.slots[i].wire.fd = -1;
		pthread_mutex_init(&module.slots[i].lock, NULL);
	}
	sessions_reset();
	config_read(&module);
	return getrandom(module.id, sizeof module.id, 0) == (ssize_t)sizeof module.id ? CKR_OK : CKR_GENERAL_ERROR;
}

CK_RV C_Initialize(void *args)
{
	CK_RV rv = arguments(args);
	if (rv != CKR_OK)
		return rv;
	pid_t old = atomic_load(&owner), self = getpid();
	if (old != 0 && old != self) { /* a child: whoever held the lock stayed behind */
		pthread_mutex_init(&starting, NULL);
		atomic_store(&owner, 0);
	}
	pthread_mutex_lock(&starting);
	if (atomic_load(&owner) == self) {
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	} else {
		rv = start();
		if (rv == CKR_OK)
			atomic_store(&owner, self);
	}
	pthread_mutex_unlock(&starting);
	return rv;
}

CK_RV C_Finalize(void *reserved)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (reserved != NULL)
		return CKR_ARGUMENTS_BAD;
	pthread_mutex_lock(&starting);
	sessions_close(MAX_SLOTS, false); /* the next C_Initialize is another program to the token */
	for (unsigned i = 0; i < module.count; i++) {
		pthread_mutex_lock(&module.slots[i].lock);
		wire_close(&module.slots[i].wire);
		pthread_mutex_unlock(&module.slots[i].lock);
	}
	atomic_store(&owner, 0);
	pthread_mutex_unlock(&starting);
	return CKR_OK;
}

CK_RV slot_enter(CK_SLOT_ID id, token_slot **out)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (id >= module.count)
		return CKR_SLOT_ID_INVALID;
	token_slot *sl = &module.slots[id];
	pthread_mutex_lock(&sl->lock);
	if (!wire_alive(&sl->wire)) {
		wire_close(&sl->wire);
		rv = wire_open(&sl->wire, sl->path, module.timeout, module.id);
		if (rv != CKR_OK) {
			pthread_mutex_unlock(&sl->lock);
			return rv;
		}
	}
	*out = sl;
	return CKR_OK;
}

CK_RV slot_leave(token_slot *sl, CK_RV rv)
{
	pthread_mutex_unlock(&sl->lock);
	return rv;
}

CK_RV ask_plain(wire *w)
{
	CK_RV rv = wire_ask(w);
	return rv == CKR_OK ? wire_done(w) : rv;
}

CK_RV C_GetInfo(CK_INFO *info)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	memset(info, 0, sizeof *info);
	info->cryptokiVersion = (CK_VERSION){2, 40};
	info->libraryVersion = (CK_VERSION){1, 0};
	pad_text(info->manufacturerID, sizeof info->manufacturerID, "Yinxin");
	pad_text(info->libraryDescription, sizeof info->libraryDescription, "Yinxin software token");
	token_slot *sl;
	if (slot_enter(0, &sl) != CKR_OK)
		return CKR_OK; /* no token to ask: the module is the same */
	put_begin(&sl->wire, OP_INFO);
	if (wire_ask(&sl->wire) == CKR_OK) {
		size_t n, m;
		const uint8_t *who = get_bytes(&sl->wire, &n), *what = get_bytes(&sl->wire, &m);
		if (who != NULL && what != NULL) {
			pad(info->manufacturerID, sizeof info->manufacturerID, who, n);
			pad(info->libraryDescription, sizeof info->libraryDescription, what, m);
		}
		wire_done(&sl->wire);
	}
	return slot_leave(sl, CKR_OK);
}

/* present asks nothing of the token, so that one that is stopped does not keep the others out of sight. */
static bool present(CK_SLOT_ID id)
{
	return wire_reaches(module.slots[id].path, module.timeout);
}

CK_RV C_GetSlotList(CK_BBOOL with_token, CK_SLOT_ID *slots, CK_ULONG *count)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	CK_SLOT_ID found[MAX_SLOTS];
	CK_ULONG n = 0;
	for (CK_SLOT_ID i = 0; i < module.count; i++)
		if (!with_token || present(i))
			found[n++] = i;
	if (slots != NULL && *count < n)
		rv = CKR_BUFFER_TOO_SMALL;
	else if (slots != NULL)
		memcpy(slots, found, n * sizeof *slots);
	*count = n;
	return rv;
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (id >= module.count)
		return CKR_SLOT_ID_INVALID;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	memset(info, 0, sizeof *info);
	pad_text(info->slotDescription, sizeof info->slotDescription, module.slots[id].path);
	pad_text(info->manufacturerID, sizeof info->manufacturerID, "Yinxin");
	info->flags = CKF_REMOVABLE_DEVICE | (present(id) ? CKF_TOKEN_PRESENT : 0);
	return CKR_OK;
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	token_slot *sl;
	CK_RV rv = slot_enter(id, &sl);
	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return slot_leave(sl, CKR_ARGUMENTS_BAD);
	wire *w = &sl->wire;
	put_begin(w, OP_TOKEN_INFO);
	rv = wire_ask(w);
	if (rv != CKR_OK)
		return slot_leave(sl, rv);
	struct { CK_UTF8CHAR *field; size_t n; } texts[] = {
		{info->label, sizeof info->label}, {info->manufacturerID, sizeof info->manufacturerID},
		{info->model, sizeof info->model}, {info->serialNumber, sizeof info->serialNumber},
	};
	memset(info, 0, sizeof *info);
	for (unsigned i = 0; i < 4; i++) {
		size_t n;
		const uint8_t *text = get_bytes(w, &n);
		pad(texts[i].field, texts[i].n, text, n);
	}
	info->flags = get_u64(w);
	info->ulMaxSessionCount = info->ulMaxRwSessionCount = get_u64(w);
	info->ulSessionCount = get_u64(w);
	info->ulRwSessionCount = CK_UNAVAILABLE_INFORMATION;
	info->ulMaxPinLen = get_u64(w);
	info->ulMinPinLen = get_u64(w);
	info->ulTotalPublicMemory = info->ulFreePublicMemory = info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	memset(info->utcTime, ' ', sizeof info->utcTime);
	return slot_leave(sl, wire_done(w));
}

CK_RV C_GetMechanismList(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	token_slot *sl;
	CK_RV rv = slot_enter(id, &sl);
	if (rv != CKR_OK)
		return rv;
	if (count == NULL)
		return slot_leave(sl, CKR_ARGUMENTS_BAD);
	put_begin(&sl->wire, OP_MECHANISMS);
	rv = wire_ask(&sl->wire);
	if (rv != CKR_OK)
		return slot_leave(sl, rv);
	CK_ULONG n = get_u32(&sl->wire), room = list != NULL ? *count : 0;
	if (n > WIRE_MAX / 8)
		n = WIRE_MAX / 8; /* more do not fit into a frame, and wire_done says so */
	for (CK_ULONG i = 0; i < n; i++) {
		uint64_t m = get_u64(&sl->wire);
		if (i < room)
			list[i] = m;
	}
	rv = wire_done(&sl->wire);
	if (rv == CKR_OK) {
		*count = n;
		if (list != NULL && room < n)
			rv = CKR_BUFFER_TOO_SMALL;
	}
	return slot_leave(sl, rv);
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	token_slot *sl;
	CK_RV rv = slot_enter(id, &sl);
	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return slot_leave(sl, CKR_ARGUMENTS_BAD);
	put_begin(&sl->wire, OP_MECHANISM_INFO);
	put_u64(&sl->wire, type);
	rv = wire_ask(&sl->wire);
	if (rv == CKR_OK) {
		info->ulMinKeySize = get_u64(&sl->wire);
		info->ulMaxKeySize = get_u64(&sl->wire);
		info->flags = get_u64(&sl->wire);
		rv = wire_done(&sl->wire);
	}
	return slot_leave(sl, rv);
}

CK_RV C_InitToken(CK_SLOT_ID id, CK_UTF8CHAR *pin, CK_ULONG pin_len, CK_UTF8CHAR *label)
{
	token_slot *sl;
	CK_RV rv = slot_enter(id, &sl);
	if (rv != CKR_OK)
		return rv;
	if (label == NULL || (pin == NULL && pin_len > 0))
		return slot_leave(sl, CKR_ARGUMENTS_BAD);
	put_begin(&sl->wire, OP_INIT_TOKEN);
	put_bytes(&sl->wire, pin, pin_len);
	put_bytes(&sl->wire, label, 32);
	return slot_leave(sl, ask_plain(&sl->wire));
}

static const struct CK_FUNCTION_LIST functions = {
	{2, 40},
#define CK_NAME(name, params) name,
	CK_FUNCTIONS(CK_NAME)
#undef CK_NAME
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(struct CK_FUNCTION_LIST **list)
{
	if (list == NULL)
		return CKR_ARGUMENTS_BAD;
	*list = (struct CK_FUNCTION_LIST *)&functions; /* the standard's type is not const; nobody may write to it */
	return CKR_OK;
}
