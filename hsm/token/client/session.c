#include "module.h"

#include <stdatomic.h>
#include <string.h>

static session sessions[MAX_SESSIONS];
static _Atomic unsigned long opened; /* sessions so far: a handle is never used again */
static _Atomic unsigned long epoch = 1;

void forget_inits(void) { atomic_fetch_add(&epoch, 1); }

unsigned long current_epoch(void) { return atomic_load(&epoch); }

/* sessions_reset makes the table anew. Only C_Initialize calls it, in a process where no other thread is in the module. In a child process the copies of
 * the parent's connections are closed without a word, so that the parent's sessions stay. */
void sessions_reset(void)
{
	static bool before;
	for (unsigned i = 0; i < MAX_SESSIONS; i++) {
		session *s = &sessions[i];
		if (before)
			wire_close(&s->wire);
		memset(s, 0, sizeof *s);
		s->wire.fd = -1;
		pthread_mutex_init(&s->lock, NULL);
	}
	before = true;
}

static void session_forget(session *s)
{
	wire_close(&s->wire);
	s->handle = 0;
	s->signing = s->deferred = s->digesting = s->decrypting = false;
	memset(s->known, 0, sizeof s->known);
	s->next_known = 0;
}

CK_RV session_enter(CK_SESSION_HANDLE h, session **out)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	session *s = &sessions[h % MAX_SESSIONS];
	pthread_mutex_lock(&s->lock);
	if (h == 0 || s->handle != h) {
		pthread_mutex_unlock(&s->lock);
		return CKR_SESSION_HANDLE_INVALID;
	}
	*out = s;
	return CKR_OK;
}

CK_RV session_leave(session *s, CK_RV rv)
{
	if (s->wire.fd < 0)
		session_forget(s);
	pthread_mutex_unlock(&s->lock);
	return rv;
}

CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *h)
{
	(void)application, (void)notify;
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (slot >= module.count)
		return CKR_SLOT_ID_INVALID;
	if (h == NULL)
		return CKR_ARGUMENTS_BAD;
	for (unsigned i = 0; i < MAX_SESSIONS; i++) {
		session *s = &sessions[i];
		if (pthread_mutex_trylock(&s->lock) != 0)
			continue; /* in use */
		if (s->handle != 0) {
			pthread_mutex_unlock(&s->lock);
			continue;
		}
		rv = wire_open(&s->wire, module.slots[slot].path, module.timeout, module.id);
		if (rv == CKR_OK) {
			put_begin(&s->wire, OP_OPEN_SESSION);
			put_u64(&s->wire, flags);
			rv = ask_plain(&s->wire);
		}
		if (rv == CKR_OK) {
			s->slot = slot;
			s->handle = (atomic_fetch_add(&opened, 1) + 1) * MAX_SESSIONS + i;
			*h = s->handle;
		} else {
			wire_close(&s->wire);
		}
		return session_leave(s, rv);
	}
	return CKR_SESSION_COUNT;
}

/* close_locked tells the token, so that it is true when the function returns. */
static CK_RV close_locked(session *s)
{
	put_begin(&s->wire, OP_CLOSE_SESSION);
	CK_RV rv = ask_plain(&s->wire);
	wire_close(&s->wire);
	return rv;
}

CK_RV C_CloseSession(CK_SESSION_HANDLE h)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	forget_inits(); /* it may have been the last, and the user is logged out then */
	return session_leave(s, close_locked(s));
}

void sessions_close(CK_SLOT_ID slot, bool tell)
{
	for (unsigned i = 0; i < MAX_SESSIONS; i++) {
		session *s = &sessions[i];
		pthread_mutex_lock(&s->lock);
		if (s->handle != 0 && (slot == MAX_SLOTS || s->slot == slot)) {
			if (tell)
				tell = close_locked(s) == CKR_OK; /* one that does not answer is not waited for again */
			session_forget(s);
		}
		pthread_mutex_unlock(&s->lock);
	}
	forget_inits();
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot)
{
	CK_RV rv = ready();
	if (rv != CKR_OK)
		return rv;
	if (slot >= module.count)
		return CKR_SLOT_ID_INVALID;
	sessions_close(slot, true);
	return CKR_OK;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE h, CK_SESSION_INFO *info)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_SESSION_INFO);
	rv = wire_ask(&s->wire);
	if (rv == CKR_OK) {
		CK_STATE state = get_u64(&s->wire);
		CK_FLAGS flags = get_u64(&s->wire);
		rv = wire_done(&s->wire);
		if (rv == CKR_OK)
			*info = (CK_SESSION_INFO){.slotID = s->slot, .state = state, .flags = flags};
	}
	return session_leave(s, rv);
}

static bool no_text(const CK_UTF8CHAR *p, CK_ULONG n) { return p == NULL && n > 0; }

CK_RV C_Login(CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (no_text(pin, pin_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_LOGIN);
	put_u64(&s->wire, user);
	put_bytes(&s->wire, pin, pin_len);
	return session_leave(s, ask_plain(&s->wire));
}

CK_RV C_Logout(CK_SESSION_HANDLE h)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	forget_inits();
	put_begin(&s->wire, OP_LOGOUT);
	rv = ask_plain(&s->wire);
	if (rv == CKR_OK)
		s->signing = s->deferred = s->decrypting = false;
	return session_leave(s, rv);
}

CK_RV C_InitPIN(CK_SESSION_HANDLE h, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (no_text(pin, pin_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_INIT_PIN);
	put_bytes(&s->wire, pin, pin_len);
	return session_leave(s, ask_plain(&s->wire));
}

CK_RV C_SetPIN(CK_SESSION_HANDLE h, CK_UTF8CHAR *old, CK_ULONG old_len, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
	session *s;
	CK_RV rv = session_enter(h, &s);
	if (rv != CKR_OK)
		return rv;
	if (no_text(pin, pin_len) || no_text(old, old_len))
		return session_leave(s, CKR_ARGUMENTS_BAD);
	put_begin(&s->wire, OP_SET_PIN);
	put_bytes(&s->wire, old, old_len);
	put_bytes(&s->wire, pin, pin_len);
	return session_leave(s, ask_plain(&s->wire));
}
