/* A program that links the module's sources, so that the sanitizers see them (a sanitized .so cannot be loaded), and calls them against a token of its
 * own that lies: its answers are cut, stretched, flipped, or not there. It ends with 0 unless a sanitizer or a check ends it before.
 *
 * harness SOCKET SEED ROUNDS THREADS */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../wire.h"

static _Thread_local uint64_t state;
static _Atomic bool lying;

static uint32_t dice(uint32_t n)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (uint32_t)(state >> 33) % n;
}

#define CHECK(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

/* ---- the token ---- */

typedef struct {
	uint8_t b[4 + 2 * WIRE_MAX];
	size_t n;
} answer;

static void add(answer *a, const void *p, size_t n)
{
	memcpy(a->b + a->n, p, n);
	a->n += n;
}

static void add32(answer *a, uint32_t n) { add(a, &n, sizeof n); }

static void add64(answer *a, uint64_t n) { add(a, &n, sizeof n); }

static void add_bytes(answer *a, uint32_t n)
{
	uint8_t fill[256];
	memset(fill, 'x', sizeof fill);
	add32(a, n);
	add(a, fill, n);
}

/* honest writes the answer of a token that has one key and one mechanism. */
static void honest(answer *a, const uint8_t *request)
{
	uint32_t n;
	a->n = 4;
	add(a, &(uint8_t){WIRE_VERSION}, 1);
	add32(a, CKR_OK);
	switch (request[1]) {
	case OP_HELLO: add32(a, WIRE_MAX); break;
	case OP_INFO: add_bytes(a, 6), add_bytes(a, 40); break;
	case OP_TOKEN_INFO:
		for (int i = 0; i < 4; i++)
			add_bytes(a, 8);
		for (int i = 0; i < 5; i++)
			add64(a, 7);
		break;
	case OP_MECHANISMS: add32(a, 2), add64(a, 1), add64(a, 2); break;
	case OP_MECHANISM_INFO: add64(a, 1), add64(a, 2), add64(a, 3); break;
	case OP_SESSION_INFO: add64(a, 3), add64(a, 6); break;
	case OP_CREATE_OBJECT: add64(a, 9); break;
	case OP_GET_ATTRIBUTES:
		memcpy(&n, request + 10, sizeof n);
		for (uint32_t i = 0; i < n && i < WIRE_ATTRIBUTES; i++)
			add_bytes(a, 8);
		break;
	case OP_FIND: add32(a, 1), add64(a, 9); break;
	case OP_GENERATE_PAIR: add64(a, 9), add64(a, 10); break;
	case OP_SIGN_INIT: add32(a, 72), add32(a, 1); break;
	case OP_SIGN: case OP_SIGN_ONCE: case OP_SIGN_FINAL: add_bytes(a, 70); break;
	case OP_DECRYPT: add_bytes(a, 5); break;
	case OP_DIGEST_INIT: add32(a, 32); break;
	case OP_DIGEST: case OP_DIGEST_FINAL: add_bytes(a, 32); break;
	case OP_RANDOM:
		memcpy(&n, request + 2, sizeof n);
		add32(a, n);
		memset(a->b + a->n, 'r', n);
		a->n += n;
		break;
	}
}

/* lie changes an answer; false: hang up instead. */
static bool lie(answer *a)
{
	switch (dice(10)) {
	case 0: return false;
	case 1: a->n -= dice((uint32_t)a->n - 5); break;
	case 2:
		for (uint32_t i = dice(100); i > 0; i--)
			a->b[a->n++] = (uint8_t)dice(256);
		break;
	case 3: case 4: case 5:
		for (uint32_t i = 1 + dice(4); i > 0; i--)
			a->b[4 + dice((uint32_t)a->n - 4)] = (uint8_t)dice(256);
		break;
	case 6: memset(a->b + 9, 0xff, a->n - 9); break;
	}
	return true;
}

static bool read_all(int fd, uint8_t *p, size_t n)
{
	for (size_t have = 0; have < n;) {
		ssize_t k = read(fd, p + have, n - have);
		if (k <= 0)
			return false;
		have += (size_t)k;
	}
	return true;
}

static void *serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	uint8_t *request = malloc(WIRE_MAX);
	answer *a = malloc(sizeof *a);
	uint32_t n;
	state = (uint64_t)fd * 77;
	while (read_all(fd, (uint8_t *)&n, sizeof n)) {
		CHECK(n >= 2 && n <= WIRE_MAX); /* the module writes only frames */
		if (!read_all(fd, request, n))
			break;
		CHECK(request[0] == WIRE_VERSION && request[1] >= OP_HELLO && request[1] <= OP_RANDOM);
		honest(a, request);
		bool lies = lying && request[1] != OP_HELLO && request[1] != OP_OPEN_SESSION && dice(2) == 0;
		if (lies && !lie(a))
			break;
		n = (uint32_t)(a->n - 4);
		if (lies && dice(12) == 0)
			n = dice(2) ? n + 3 : dice(UINT32_MAX); /* a length that is not the frame's */
		memcpy(a->b, &n, sizeof n);
		if (send(fd, a->b, a->n, MSG_NOSIGNAL) < 0)
			break;
		if (lies && n != a->n - 4)
			break;
	}
	free(request);
	free(a);
	close(fd);
	return NULL;
}

static void *listen_on(void *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	strncpy(at.sun_path, path, sizeof at.sun_path - 1);
	int l = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(l, (const struct sockaddr *)&at, sizeof at) == 0 && listen(l, 64) == 0);
	static pthread_t t;
	extern void *accept_loop(void *);
	pthread_create(&t, NULL, accept_loop, (void *)(intptr_t)l);
	return NULL;
}

void *accept_loop(void *arg)
{
	pthread_t t;
	for (;;) {
		int fd = accept((int)(intptr_t)arg, NULL, NULL);
		if (fd < 0)
			continue;
		pthread_create(&t, NULL, serve, (void *)(intptr_t)fd);
		pthread_detach(t);
	}
}

/* ---- the program ---- */

/* call_one makes one call with sizes that the dice say, in memory of exactly that size. */
static CK_RV call_one(CK_SESSION_HANDLE h)
{
	CK_ULONG in_len = dice(8) == 0 ? dice(100000) : dice(100), out_len = dice(100), room = out_len, n;
	CK_BYTE *in = calloc(1, in_len + 1), *out = malloc(out_len + 1), *to = dice(4) ? out : NULL;
	CK_MECHANISM m = {dice(4), NULL, 0};
	CK_OBJECT_HANDLE objects[3];
	CK_ATTRIBUTE t[3] = {{dice(9), to, out_len}, {dice(9), NULL, 0}, {0x40000211, NULL, dice(2)}};
	CK_ULONG nt = dice(3) + (dice(9) == 0);
	CK_INFO info;
	CK_TOKEN_INFO token;
	CK_SLOT_INFO slot;
	CK_SESSION_INFO si;
	CK_MECHANISM_INFO mi;
	CK_MECHANISM_TYPE list[1];
	CK_RV rv = CKR_OK;
	switch (dice(32)) {
	case 0: rv = C_GetInfo(&info); break;
	case 1: rv = C_GetTokenInfo(0, &token); break;
	case 2: n = 1, rv = C_GetMechanismList(0, dice(2) ? list : NULL, &n); break;
	case 3: rv = C_GetMechanismInfo(0, 1, &mi); break;
	case 4: rv = C_GetSessionInfo(h, &si); break;
	case 5: rv = C_Login(h, dice(3), in, in_len); break;
	case 6: rv = C_CreateObject(h, t, nt, objects); break;
	case 7: rv = C_DestroyObject(h, 9); break;
	case 8: case 9: rv = C_GetAttributeValue(h, 9, t, nt); break;
	case 10: rv = C_SetAttributeValue(h, 9, t, dice(2)); break;
	case 11: rv = C_FindObjectsInit(h, t, dice(2)); break;
	case 12: rv = C_FindObjects(h, objects, dice(4), &n); break;
	case 13: rv = C_FindObjectsFinal(h); break;
	case 14: rv = C_GenerateKeyPair(h, &m, t, dice(2), t, dice(2), objects, objects + 1); break;
	case 15: case 16: case 17: rv = C_SignInit(h, &m, 9); break;
	case 18: case 19: case 20: rv = C_Sign(h, in, in_len, to, &out_len); break;
	case 21: rv = C_SignUpdate(h, in, in_len); break;
	case 22: rv = C_SignFinal(h, to, &out_len); break;
	case 23: rv = C_VerifyInit(h, &m, 9); break;
	case 24: rv = C_Verify(h, in, in_len, out, out_len); break;
	case 25: rv = C_DecryptInit(h, &m, 9); break;
	case 26: rv = C_Decrypt(h, in, in_len, to, &out_len); break;
	case 27: rv = C_DigestInit(h, &m); break;
	case 28: rv = C_Digest(h, in, in_len, to, &out_len); break;
	case 29: rv = C_DigestFinal(h, to, &out_len); break;
	case 30: rv = C_GenerateRandom(h, in, in_len); break;
	case 31: rv = dice(2) ? C_GetSlotInfo(0, &slot) : C_Logout(h); break;
	}
	if (rv == CKR_OK && to != NULL)
		CHECK(out_len <= room);
	free(in);
	free(out);
	return rv;
}

static unsigned rounds;

static void *program(void *arg)
{
	CK_SESSION_HANDLE h = 0;
	unsigned opened = 0;
	state = (uint64_t)(uintptr_t)arg;
	for (unsigned i = 0; i < rounds; i++) {
		CK_RV rv = h == 0 ? CKR_SESSION_HANDLE_INVALID : call_one(h);
		if (rv == CKR_SESSION_HANDLE_INVALID) {
			CHECK(C_OpenSession(0, 6, NULL, NULL, &h) == CKR_OK);
			opened++;
		}
		if (dice(500) == 0) {
			C_CloseSession(h);
			CHECK(C_GetSessionInfo(h, &(CK_SESSION_INFO){0}) == CKR_SESSION_HANDLE_INVALID);
		}
	}
	CHECK(!lying || rounds < 1000 || opened > rounds / 1000); /* it did lie */
	return NULL;
}

/* forks: a child has no sessions, may begin anew, and leaves the parent's alone. */
static void forks(void)
{
	CK_SESSION_HANDLE h, mine;
	CK_SESSION_INFO si;
	CHECK(C_OpenSession(0, 6, NULL, NULL, &h) == CKR_OK);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		CHECK(C_GetSessionInfo(h, &si) == CKR_CRYPTOKI_NOT_INITIALIZED);
		CHECK(C_Finalize(NULL) == CKR_CRYPTOKI_NOT_INITIALIZED);
		CHECK(C_Initialize(NULL) == CKR_OK);
		CHECK(C_GetSessionInfo(h, &si) == CKR_SESSION_HANDLE_INVALID);
		CHECK(C_OpenSession(0, 6, NULL, NULL, &mine) == CKR_OK && C_GetSessionInfo(mine, &si) == CKR_OK);
		CHECK(C_Finalize(NULL) == CKR_OK);
		_exit(0);
	}
	int status;
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(C_GetSessionInfo(h, &si) == CKR_OK);
	CHECK(C_CloseSession(h) == CKR_OK);
}

static CK_RV no_mutex(void **m) { return m == NULL; }
static CK_RV no_lock(void *m) { return m == NULL; }

static void arguments(void)
{
	CK_C_INITIALIZE_ARGS a = {no_mutex, no_lock, no_lock, no_lock, 0, NULL};
	CHECK(C_GetSlotList(0, NULL, &(CK_ULONG){0}) == CKR_CRYPTOKI_NOT_INITIALIZED);
	CHECK(C_Initialize(&a) == CKR_CANT_LOCK);
	a.LockMutex = NULL;
	CHECK(C_Initialize(&a) == CKR_ARGUMENTS_BAD);
	a = (CK_C_INITIALIZE_ARGS){.pReserved = &a};
	CHECK(C_Initialize(&a) == CKR_ARGUMENTS_BAD);
	a = (CK_C_INITIALIZE_ARGS){.flags = CKF_OS_LOCKING_OK};
	CHECK(C_Initialize(&a) == CKR_OK);
	CHECK(C_Initialize(&a) == CKR_CRYPTOKI_ALREADY_INITIALIZED);
	CHECK(C_Finalize(&a) == CKR_ARGUMENTS_BAD);
	CHECK(C_Finalize(NULL) == CKR_OK);
	CHECK(C_Finalize(NULL) == CKR_CRYPTOKI_NOT_INITIALIZED);
}

int main(int argc, char **argv)
{
	CHECK(argc == 5);
	unsigned seed = (unsigned)atoi(argv[2]), threads = (unsigned)atoi(argv[4]);
	rounds = (unsigned)atoi(argv[3]);
	setenv("YINXIN_TOKEN", argv[1], 1);
	setenv("YINXIN_TOKEN_TIMEOUT_MS", "60000", 1);
	listen_on(argv[1]);
	arguments();
	CHECK(C_Initialize(NULL) == CKR_OK);
	forks();
	for (int lies = 0; lies < 2; lies++) {
		pthread_t t[16];
		lying = lies;
		CHECK(threads <= 16);
		for (unsigned i = 0; i < threads; i++)
			pthread_create(&t[i], NULL, program, (void *)(uintptr_t)(seed + i));
		for (unsigned i = 0; i < threads; i++)
			pthread_join(t[i], NULL);
	}
	CHECK(C_Finalize(NULL) == CKR_OK);
	puts("done");
	fflush(stdout);
	_exit(0); /* the token's threads still run */
}
