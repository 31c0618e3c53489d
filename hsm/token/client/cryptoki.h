/* The types, constants and functions of PKCS#11 v2.40 that this module needs, written from the standard (OASIS, PKCS #11 Cryptographic Token
 * Interface Base Specification Version 2.40). Names and numbers are the standard's. */
#ifndef YINXIN_CRYPTOKI_H
#define YINXIN_CRYPTOKI_H

typedef unsigned char CK_BYTE;
typedef CK_BYTE CK_BBOOL;
typedef CK_BYTE CK_UTF8CHAR;
typedef CK_BYTE CK_CHAR;
typedef unsigned long CK_ULONG;
typedef CK_ULONG CK_RV, CK_FLAGS, CK_SLOT_ID, CK_SESSION_HANDLE, CK_OBJECT_HANDLE, CK_USER_TYPE, CK_STATE, CK_MECHANISM_TYPE, CK_ATTRIBUTE_TYPE, CK_NOTIFICATION;

typedef struct { CK_BYTE major, minor; } CK_VERSION;

typedef struct {
	CK_VERSION cryptokiVersion;
	CK_UTF8CHAR manufacturerID[32];
	CK_FLAGS flags;
	CK_UTF8CHAR libraryDescription[32];
	CK_VERSION libraryVersion;
} CK_INFO;

typedef struct {
	CK_UTF8CHAR slotDescription[64];
	CK_UTF8CHAR manufacturerID[32];
	CK_FLAGS flags;
	CK_VERSION hardwareVersion, firmwareVersion;
} CK_SLOT_INFO;

typedef struct {
	CK_UTF8CHAR label[32];
	CK_UTF8CHAR manufacturerID[32];
	CK_UTF8CHAR model[16];
	CK_CHAR serialNumber[16];
	CK_FLAGS flags;
	CK_ULONG ulMaxSessionCount, ulSessionCount, ulMaxRwSessionCount, ulRwSessionCount, ulMaxPinLen, ulMinPinLen;
	CK_ULONG ulTotalPublicMemory, ulFreePublicMemory, ulTotalPrivateMemory, ulFreePrivateMemory;
	CK_VERSION hardwareVersion, firmwareVersion;
	CK_CHAR utcTime[16];
} CK_TOKEN_INFO;

typedef struct {
	CK_SLOT_ID slotID;
	CK_STATE state;
	CK_FLAGS flags;
	CK_ULONG ulDeviceError;
} CK_SESSION_INFO;

typedef struct {
	CK_ATTRIBUTE_TYPE type;
	void *pValue;
	CK_ULONG ulValueLen;
} CK_ATTRIBUTE;

typedef struct {
	CK_MECHANISM_TYPE mechanism;
	void *pParameter;
	CK_ULONG ulParameterLen;
} CK_MECHANISM;

typedef struct {
	CK_ULONG ulMinKeySize, ulMaxKeySize;
	CK_FLAGS flags;
} CK_MECHANISM_INFO;

typedef CK_RV (*CK_NOTIFY)(CK_SESSION_HANDLE, CK_NOTIFICATION, void *);

typedef struct {
	CK_RV (*CreateMutex)(void **);
	CK_RV (*DestroyMutex)(void *);
	CK_RV (*LockMutex)(void *);
	CK_RV (*UnlockMutex)(void *);
	CK_FLAGS flags;
	void *pReserved;
} CK_C_INITIALIZE_ARGS;

#define CKR_OK 0x000UL
#define CKR_HOST_MEMORY 0x002UL
#define CKR_SLOT_ID_INVALID 0x003UL
#define CKR_GENERAL_ERROR 0x005UL
#define CKR_ARGUMENTS_BAD 0x007UL
#define CKR_CANT_LOCK 0x00AUL
#define CKR_ATTRIBUTE_SENSITIVE 0x011UL
#define CKR_ATTRIBUTE_TYPE_INVALID 0x012UL
#define CKR_DATA_LEN_RANGE 0x021UL
#define CKR_DEVICE_ERROR 0x030UL
#define CKR_DEVICE_REMOVED 0x032UL
#define CKR_FUNCTION_NOT_PARALLEL 0x051UL
#define CKR_FUNCTION_NOT_SUPPORTED 0x054UL
#define CKR_MECHANISM_PARAM_INVALID 0x071UL
#define CKR_OPERATION_ACTIVE 0x090UL
#define CKR_OPERATION_NOT_INITIALIZED 0x091UL
#define CKR_SESSION_COUNT 0x0B1UL
#define CKR_SESSION_HANDLE_INVALID 0x0B3UL
#define CKR_TOKEN_NOT_PRESENT 0x0E0UL
#define CKR_RANDOM_SEED_NOT_SUPPORTED 0x120UL
#define CKR_BUFFER_TOO_SMALL 0x150UL
#define CKR_CRYPTOKI_NOT_INITIALIZED 0x190UL
#define CKR_CRYPTOKI_ALREADY_INITIALIZED 0x191UL

#define CKF_TOKEN_PRESENT 0x1UL
#define CKF_REMOVABLE_DEVICE 0x2UL
#define CKF_OS_LOCKING_OK 0x2UL
#define CKF_ARRAY_ATTRIBUTE 0x40000000UL
#define CKA_ALLOWED_MECHANISMS 0x40000600UL
#define CK_UNAVAILABLE_INFORMATION (~0UL)

/* Every function in the order of CK_FUNCTION_LIST: its name and its parameters. */
#define CK_FUNCTIONS(F) \
	F(C_Initialize, (void *args)) \
	F(C_Finalize, (void *reserved)) \
	F(C_GetInfo, (CK_INFO *info)) \
	F(C_GetFunctionList, (struct CK_FUNCTION_LIST **list)) \
	F(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)) \
	F(C_GetSlotInfo, (CK_SLOT_ID slot, CK_SLOT_INFO *info)) \
	F(C_GetTokenInfo, (CK_SLOT_ID slot, CK_TOKEN_INFO *info)) \
	F(C_GetMechanismList, (CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)) \
	F(C_GetMechanismInfo, (CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)) \
	F(C_InitToken, (CK_SLOT_ID slot, CK_UTF8CHAR *pin, CK_ULONG pin_len, CK_UTF8CHAR *label)) \
	F(C_InitPIN, (CK_SESSION_HANDLE h, CK_UTF8CHAR *pin, CK_ULONG pin_len)) \
	F(C_SetPIN, (CK_SESSION_HANDLE h, CK_UTF8CHAR *old, CK_ULONG old_len, CK_UTF8CHAR *pin, CK_ULONG pin_len)) \
	F(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *h)) \
	F(C_CloseSession, (CK_SESSION_HANDLE h)) \
	F(C_CloseAllSessions, (CK_SLOT_ID slot)) \
	F(C_GetSessionInfo, (CK_SESSION_HANDLE h, CK_SESSION_INFO *info)) \
	F(C_GetOperationState, (CK_SESSION_HANDLE h, CK_BYTE *state, CK_ULONG *state_len)) \
	F(C_SetOperationState, (CK_SESSION_HANDLE h, CK_BYTE *state, CK_ULONG state_len, CK_OBJECT_HANDLE enc, CK_OBJECT_HANDLE auth)) \
	F(C_Login, (CK_SESSION_HANDLE h, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len)) \
	F(C_Logout, (CK_SESSION_HANDLE h)) \
	F(C_CreateObject, (CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *object)) \
	F(C_CopyObject, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *copy)) \
	F(C_DestroyObject, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object)) \
	F(C_GetObjectSize, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ULONG *size)) \
	F(C_GetAttributeValue, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t, CK_ULONG n)) \
	F(C_SetAttributeValue, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *t, CK_ULONG n)) \
	F(C_FindObjectsInit, (CK_SESSION_HANDLE h, CK_ATTRIBUTE *t, CK_ULONG n)) \
	F(C_FindObjects, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE *objects, CK_ULONG max, CK_ULONG *count)) \
	F(C_FindObjectsFinal, (CK_SESSION_HANDLE h)) \
	F(C_EncryptInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_Encrypt, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_EncryptUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_EncryptFinal, (CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DecryptInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_Decrypt, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DecryptUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DecryptFinal, (CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DigestInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m)) \
	F(C_Digest, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DigestUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)) \
	F(C_DigestKey, (CK_SESSION_HANDLE h, CK_OBJECT_HANDLE key)) \
	F(C_DigestFinal, (CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_SignInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_Sign, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_SignUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)) \
	F(C_SignFinal, (CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_SignRecoverInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_SignRecover, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_VerifyInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_Verify, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *sig, CK_ULONG sig_len)) \
	F(C_VerifyUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len)) \
	F(C_VerifyFinal, (CK_SESSION_HANDLE h, CK_BYTE *sig, CK_ULONG sig_len)) \
	F(C_VerifyRecoverInit, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE key)) \
	F(C_VerifyRecover, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DigestEncryptUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DecryptDigestUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_SignEncryptUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_DecryptVerifyUpdate, (CK_SESSION_HANDLE h, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_GenerateKey, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *key)) \
	F(C_GenerateKeyPair, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_ATTRIBUTE *pub, CK_ULONG n_pub, CK_ATTRIBUTE *priv, CK_ULONG n_priv, \
		CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)) \
	F(C_WrapKey, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE by, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *out_len)) \
	F(C_UnwrapKey, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE by, CK_BYTE *in, CK_ULONG in_len, CK_ATTRIBUTE *t, CK_ULONG n, \
		CK_OBJECT_HANDLE *key)) \
	F(C_DeriveKey, (CK_SESSION_HANDLE h, CK_MECHANISM *m, CK_OBJECT_HANDLE base, CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *key)) \
	F(C_SeedRandom, (CK_SESSION_HANDLE h, CK_BYTE *seed, CK_ULONG seed_len)) \
	F(C_GenerateRandom, (CK_SESSION_HANDLE h, CK_BYTE *out, CK_ULONG out_len)) \
	F(C_GetFunctionStatus, (CK_SESSION_HANDLE h)) \
	F(C_CancelFunction, (CK_SESSION_HANDLE h)) \
	F(C_WaitForSlotEvent, (CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved))

struct CK_FUNCTION_LIST;
#define CK_DECLARE(name, params) CK_RV name params;
CK_FUNCTIONS(CK_DECLARE)
#undef CK_DECLARE

struct CK_FUNCTION_LIST {
	CK_VERSION version;
#define CK_MEMBER(name, params) CK_RV(*name) params;
	CK_FUNCTIONS(CK_MEMBER)
#undef CK_MEMBER
};

#endif
